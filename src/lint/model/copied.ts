import { joinPaths } from "../source/paths.js";
import type { Image } from "./image.js";

/** The files of the context that may stand at a path of the image, the last copied first. */
export function listCopied({ copies, workdir }: Image, path: string): readonly string[] {
  const file = resolveInImage(joinPaths("", workdir ?? ""), path);
  return copies.toReversed().flatMap(({ from, to }) => {
    const name = from.split("/").at(-1) ?? "";
    if (file === to ? file.endsWith(name) : file === joinPaths(to, name)) return [from];
    return isInside(file, to) ? [joinPaths("", `${from}/${file.slice(to.length)}`)] : [];
  });
}

/** An absolute path without its slash in front; empty for the root. */
export function resolveInImage(workdir: string, path: string): string {
  return path.startsWith("/") ? joinPaths("", path) : joinPaths(workdir, path);
}

/** Whether a path is a folder, or lies in it; both without a slash in front. */
export function isInside(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}
