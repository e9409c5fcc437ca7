import { NAMED_JSON } from "../files/kinds.js";
import type { FileKind, Project } from "../files/project.js";
import { describeBase } from "../model/bases.js";
import type { Word } from "../model/command.js";
import { listCopied } from "../model/copied.js";
import type { Image } from "../model/image.js";
import type { Workload } from "../model/workload.js";
import type { Tree } from "../source/tree.js";
import { at, textOf } from "../source/tree.js";
import { folderOf, joinPaths } from "../source/paths.js";
import type { Chain, Surroundings } from "./link.js";
import { followCommand } from "./follow.js";
import { baseName } from "./names.js";

type Chains = WeakMap<Workload, Chain | null>;

const createChains = (): Chains => new WeakMap();

/** The processes of a workload; null where what it starts is not known. */
export function chainOf(project: Project, workload: Workload): Chain | null {
  const chains = project.once(createChains);
  const known = chains.get(workload);
  if (known !== undefined) return known;
  const { command } = workload;
  const chain = command === null ? null : followCommand(command, surround(project, workload));
  chains.set(workload, chain);
  return chain;
}

function surround(project: Project, workload: Workload): Surroundings {
  const { image, imageName } = workload;
  const base =
    image?.base ?? (imageName === null ? null : describeBase(imageName.value, imageName.spot));
  const folder = packageFolderOf(project, workload);
  return {
    shell: base?.shell ?? "unknown",
    readScript: (name) => (folder === null ? undefined : readScript(project, folder, name)),
    readFile: (path) => {
      const file = findCopied(project, image, path);
      return file === undefined ? undefined : project.source(file);
    },
  };
}

/** A script of a package, with its place in package.json. */
function readScript(project: Project, folder: string, name: string): Word | undefined {
  const tree = at(readPackage(project, folder), "scripts", name);
  const text = textOf(tree);
  return text === undefined || tree === undefined ? undefined : { text, spot: tree.spot };
}

/** The package.json of a folder. */
export function readPackage(project: Project, folder: string): Tree | undefined {
  const kind: FileKind<Tree | null> = NAMED_JSON;
  return project.parse(kind, joinPaths(folder, "package.json"))?.value ?? undefined;
}

/** The folder of the package that a workload runs; null where it is not in the tree. */
export function packageFolderOf(project: Project, { image, application }: Workload): string | null {
  if (application !== null) return application.folder;
  if (image === null) return null;
  const contexts = image.context === null ? guessContexts(image.file) : [image.context];
  for (const context of contexts) {
    const own = listCopied(image, "package.json")
      .map((file) => joinPaths(context, file))
      .find((file) => file.endsWith("package.json") && project.has(file));
    if (own !== undefined) return folderOf(own);
    const copied = image.copies.map(({ from }) =>
      joinPaths(context, /package[\w*-]*\.json/.test(from) ? folderOf(from) : from),
    );
    const workdir = (image.workdir ?? "").split("/").slice(2).join("/");
    const candidates = [...copied, ...(workdir === "" ? [] : [joinPaths(context, workdir)])];
    // What lies deepest is the program's own; a workspace's root has no program.
    const found = candidates.filter((folder) => project.has(joinPaths(folder, "package.json")));
    const [deepest] = found.sort((a, b) => b.split("/").length - a.split("/").length);
    if (workdir !== "" && found.includes(joinPaths(context, workdir)))
      return joinPaths(context, workdir);
    if (deepest !== undefined) return deepest;
  }
  return null;
}

/** Without a word on it, a build's context is the Dockerfile's folder, or the root. */
function guessContexts(dockerfile: string): string[] {
  return [...new Set([folderOf(dockerfile), ""])];
}

/** The file of the tree that was copied to a path of the image. */
function findCopied(project: Project, image: Image | null, path: string): string | undefined {
  if (image === null) return undefined;
  const name = baseName(path);
  const contexts = image.context === null ? guessContexts(image.file) : [image.context];
  const inFolder = path.replace(/^\.?\//, "");
  return contexts
    .flatMap((context) => [
      ...listCopied(image, path).map((file) => joinPaths(context, file)),
      ...image.copies.flatMap(({ from }) => [
        ...(baseName(from) === name ? [joinPaths(context, from)] : []),
        joinPaths(context, `${from}/${name}`),
      ]),
      joinPaths(context, inFolder),
      joinPaths(context, name),
    ])
    .find((file) => project.has(file));
}
