import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Frame } from "../protocol.js";
import { SourceMaps } from "./source-map.js";

/** A frame, seen as a person sees it: whose code it is, and where its source is. */
export interface Place {
  readonly owner: "node" | "package" | "service";
  /** The package it lies in; null for other code. */
  readonly package: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly name: string | null;
  readonly type: string | null;
}

const FOLDER = "/node_modules/";

/** lastcall's own code is a package to the service, also where it is linked and not installed. */
const OWN = fileURLToPath(new URL("../../../", import.meta.url));

/** Says of frames whose they are, source maps applied. */
export class Placer {
  readonly #maps = new SourceMaps();

  place(frame: Frame): Place {
    const { name, type, line, column } = frame;
    const file = frame.file.startsWith("file:") ? fileURLToPath(frame.file) : frame.file;
    if (file.startsWith("node:")) {
      return { owner: "node", package: null, file, line, column, name, type };
    }
    const known = packageOf(file);
    const position =
      frame.isMapped || known !== null
        ? { file, line, column }
        : this.#maps.apply({ file, line, column });
    const owner = known ?? packageOf(position.file);
    return {
      owner: owner === null ? "service" : "package",
      package: owner,
      ...position,
      name,
      type,
    };
  }
}

/** The package whose folder a file is in; null when it is in none. */
function packageOf(file: string): string | null {
  if (file.startsWith(OWN)) return "lastcall";
  const at = `/${file}`.lastIndexOf(FOLDER);
  if (at === -1) return null;
  const [first = "", second = ""] = `/${file}`.slice(at + FOLDER.length).split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}

/** As it is written from where the command was run. */
export function shortenPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") || !path.isAbsolute(file) ? file : relative;
}
