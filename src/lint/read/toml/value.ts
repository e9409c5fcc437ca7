import type { Source } from "../../source/source.js";
import type { Tree } from "../../source/tree.js";
import { type Cursor, isBlank } from "../cursor.js";
import { readKey } from "./key.js";
import { readString } from "./string.js";
import { Table } from "./table.js";

const DEPTH = 100;

/** A value; undefined where there is none. */
export function readValue(cursor: Cursor, source: Source, depth: number): Tree | undefined {
  if (depth > 0) skipSpace(cursor);
  else cursor.skipWhile((each) => each === " " || each === "\t");
  const start = cursor.at;
  const char = cursor.peek();
  if (char === '"' || char === "'") {
    const value = readString(cursor, char);
    return value === undefined
      ? undefined
      : { kind: "scalar", value, spot: source.spot(start, cursor.at) };
  }
  if (char === "[") return depth < DEPTH ? readList(cursor, source, depth) : undefined;
  if (char === "{") return depth < DEPTH ? readTable(cursor, source, depth) : undefined;
  return readBare(cursor, source);
}

function readList(cursor: Cursor, source: Source, depth: number): Tree | undefined {
  const start = cursor.at;
  const items: Tree[] = [];
  cursor.skip();
  for (;;) {
    skipSpace(cursor);
    if (cursor.take("]")) return { kind: "list", items, spot: source.spot(start, cursor.at) };
    const item = readValue(cursor, source, depth + 1);
    if (item === undefined) return undefined;
    items.push(item);
    skipSpace(cursor);
    if (!cursor.take(",") && cursor.peek() !== "]") return undefined;
  }
}

function readTable(cursor: Cursor, source: Source, depth: number): Tree | undefined {
  const start = cursor.at;
  cursor.skip();
  const table = new Table(source.spot(start));
  for (;;) {
    skipSpace(cursor);
    if (cursor.take("}")) return { ...table.toTree(), spot: source.spot(start, cursor.at) };
    const keys = readKey(cursor, source);
    if (keys === undefined || !cursor.take("=")) return undefined;
    const value = readValue(cursor, source, depth + 1);
    if (value === undefined || !table.set(keys, value)) return undefined;
    skipSpace(cursor);
    if (!cursor.take(",") && cursor.peek() !== "}") return undefined;
  }
}

/** Numbers and booleans. Times and dates stay texts. */
function readBare(cursor: Cursor, source: Source): Tree | undefined {
  const start = cursor.at;
  cursor.skipWhile((char) => /[\w.:+-]/.test(char));
  // A date may have a blank before its time.
  if (
    /^\d{4}-\d\d-\d\d$/.test(cursor.slice(start)) &&
    /^ \d\d:/.test(cursor.text.slice(cursor.at, cursor.at + 4))
  ) {
    cursor.skip();
    cursor.skipWhile((char) => /[\w.:+-]/.test(char));
  }
  const value = scalarOf(cursor.slice(start));
  return value === undefined
    ? undefined
    : { kind: "scalar", value, spot: source.spot(start, cursor.at) };
}

function scalarOf(text: string): string | number | boolean | undefined {
  if (text === "true" || text === "false") return text === "true";
  if (/^[+-]?(?:inf|nan)$/.test(text)) return text;
  if (/^(?:\d{4}-\d\d-\d\d|\d\d:\d\d)/.test(text)) return text;
  const isNumber =
    /^[+-]?\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+(?:_\d+)*)?$/.test(text) ||
    /^0(?:x[\da-fA-F_]+|o[0-7_]+|b[01_]+)$/.test(text);
  return isNumber ? Number(text.replaceAll("_", "")) : undefined;
}

/** Blanks, lines and comments: in lists and tables they may stand anywhere. */
function skipSpace(cursor: Cursor): void {
  for (;;) {
    cursor.skipWhile(isBlank);
    if (cursor.peek() !== "#") return;
    cursor.skipLine();
  }
}
