import type { Project } from "../files/project.js";
import { folderOf, joinPaths } from "../source/paths.js";

const EXTENSIONS = [
  "",
  ".js",
  ".ts",
  ".mjs",
  ".mts",
  ".cjs",
  ".cts",
  ".tsx",
  ".jsx",
  ".json",
  "/index.js",
  "/index.ts",
  "/index.mjs",
  "/index.cjs",
];

/** The file of the tree that an import of a path means; undefined for one that is not there. */
export function resolveImport(
  project: Project,
  from: string,
  specifier: string,
): string | undefined {
  return resolveFile(project, joinPaths(folderOf(from), specifier));
}

/** A file as Node and TypeScript would find it: with an extension, an index, or the source of what is not built here. */
function resolveFile(project: Project, path: string): string | undefined {
  const found = EXTENSIONS.map((extension) => `${path}${extension}`).find((file) =>
    project.has(file),
  );
  if (found !== undefined) return found;
  // `./server.js` is `server.ts` before it is compiled.
  const source = path.replace(/\.([cm]?)jsx?$/, ".$1ts");
  return source !== path && project.has(source) ? source : undefined;
}

/** Where compilers write to. */
const BUILT = ["dist", "build", "out", "lib", ".output", "bin"];

/** The file that is started, from a package's folder: what is built is not in the tree, and its source is. */
export function resolveEntry(project: Project, folder: string, path: string): string | undefined {
  const direct = resolveFile(project, joinPaths(folder, path));
  if (direct !== undefined) return direct;
  const parts = path.split("/").filter((part) => part !== ".");
  const at = parts.findIndex((part) => BUILT.includes(part));
  if (at === -1 || at === parts.length - 1) return undefined;
  const [outer, inner] = [parts.slice(0, at).join("/"), parts.slice(at + 1).join("/")];
  const candidates = [`src/${inner}`, inner, `${parts[at] ?? ""}/${inner}`].map((one) =>
    joinPaths(folder, `${outer}/${one}`),
  );
  for (const candidate of candidates) {
    const found = resolveFile(project, candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}
