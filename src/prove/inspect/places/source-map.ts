import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export interface Position {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

interface LoadedMap {
  readonly map: SourceMap;
  /** What its sources are relative to. */
  readonly base: URL;
}

// The last one counts: a bundle may quote others.
const COMMENT = /^[ \t]*\/\/[#@] sourceMappingURL=(\S+)[ \t]*$/gm;
const DATA = /^data:application\/json(?:;charset=[^;,]+)?(;base64)?,(.*)$/s;

/** Applies the source maps that files name, inline or beside them. */
export class SourceMaps {
  readonly #loaded = new Map<string, LoadedMap | undefined>();

  /** The original of a position; the position itself where there is no map, or no entry. */
  apply(position: Position): Position {
    const loaded = this.#load(position.file);
    const entry = loaded?.map.findEntry(position.line - 1, position.column - 1);
    if (loaded === undefined || entry === undefined || !("originalSource" in entry)) {
      return position;
    }
    return {
      file: resolveSource(entry.originalSource, loaded.base),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    };
  }

  #load(file: string): LoadedMap | undefined {
    if (!this.#loaded.has(file)) this.#loaded.set(file, loadMap(file));
    return this.#loaded.get(file);
  }
}

/** A map that is missing or broken is no reason to have no line at all. */
function loadMap(file: string): LoadedMap | undefined {
  try {
    const url = [...readFileSync(file, "utf8").matchAll(COMMENT)].at(-1)?.[1];
    if (url === undefined) return undefined;
    const data = DATA.exec(url);
    const at = data === null ? new URL(url, pathToFileURL(file)) : pathToFileURL(file);
    const text = data === null ? readFileSync(at, "utf8") : decode(data);
    const payload = JSON.parse(text) as SourceMapPayload;
    const root = (payload.sourceRoot ?? "").replace(/([^/])$/, "$1/");
    return { map: new SourceMap(payload), base: new URL(root, at) };
  } catch {
    return undefined;
  }
}

function decode([, base64, text = ""]: RegExpExecArray): string {
  return base64 === undefined ? decodeURIComponent(text) : Buffer.from(text, "base64").toString();
}

/** `webpack://app/./src/a.ts` and the like name no file; what follows the host is what people know. */
function resolveSource(source: string, base: URL): string {
  const virtual = /^(?!file:)[a-z][a-z0-9+.-]+:\/\/[^/]*\/(.*)$/i.exec(source)?.[1];
  if (virtual !== undefined) return path.normalize(virtual);
  return fileURLToPath(new URL(source, base));
}
