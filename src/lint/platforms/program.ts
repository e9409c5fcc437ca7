import { readApplication, type Environment } from "../application/application.js";
import { resolveEntry } from "../application/resolve.js";
import { readNodeWords } from "../chain/node.js";
import type { Project } from "../files/project.js";
import type { Application } from "../model/application.js";
import type { Command } from "../model/command.js";
import { folderOf, joinPaths } from "../source/paths.js";

/**
 * The program that `node server.js` starts in a folder of the tree, for platforms that start programs and not images. Null
 * for another command, and where the file is not in the tree.
 */
export function findProgram(
  project: Project,
  folder: string,
  command: Command | null,
  environment: Environment,
): Application | null {
  const words = command?.isShell === false ? command.words : [];
  if (!/(?:^|\/)node(?:js)?$/.test(words[0]?.text ?? "")) return null;
  const { entry, preloads } = readNodeWords(words.slice(1));
  const file = entry === null ? undefined : findFile(project, folder, entry.text);
  if (file === undefined) return null;
  return readApplication(project, {
    folder: packageAbove(project, file),
    entry: file,
    preloads,
    environment,
  });
}

/** A path of the machine ends in one of the tree: `/opt/shop/dist/server.js`. */
function findFile(project: Project, folder: string, path: string): string | undefined {
  if (!path.startsWith("/")) return resolveEntry(project, folder, path);
  const parts = path.split("/").filter((part) => part !== "");
  for (let drop = 1; drop < parts.length; drop += 1) {
    const found = resolveEntry(project, folder, parts.slice(drop).join("/"));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The nearest folder above a file with a package.json; the root without one. */
export function packageAbove(project: Project, file: string): string {
  for (let folder = folderOf(file); folder !== ""; folder = folderOf(folder)) {
    if (project.has(joinPaths(folder, "package.json"))) return folder;
  }
  return "";
}
