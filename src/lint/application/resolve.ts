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
  const [first = "", ...rest] = path.split("/").filter((part) => part !== ".");
  if (!BUILT.includes(first) || rest.length === 0) return undefined;
  const inner = rest.join("/");
  const candidates = [`src/${inner}`, inner, `${first}/${inner}`].map((one) =>
    joinPaths(folder, one),
  );
  for (const candidate of candidates) {
    const found = resolveFile(project, candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}
