import type { Source } from "../../source/source.js";
import type { Entry, Tree } from "../../source/tree.js";
import { type Cursor, isBlank } from "../cursor.js";
import { readString } from "./string.js";

const DEPTH = 100;

/** A value up to what ends it: a line, a comma, a bracket. What is no literal is unknown. */
export function readExpression(cursor: Cursor, source: Source, depth: number): Tree {
  cursor.skipWhile((char) => char === " " || char === "\t");
  const start = cursor.at;
  const tree = depth < DEPTH ? readLiteral(cursor, source, depth) : undefined;
  if (tree !== undefined) {
    const end = cursor.at;
    cursor.skipWhile((char) => char === " " || char === "\t");
    if (isEnd(cursor)) return tree;
    cursor.at = end;
  }
  skipExpression(cursor);
  return { kind: "unknown", spot: source.spot(start, cursor.at) };
}

function isEnd(cursor: Cursor): boolean {
  const char = cursor.peek();
  return (
    char === "" || ",}]\r\n#".includes(char) || cursor.startsWith("//") || cursor.startsWith("/*")
  );
}

function readLiteral(cursor: Cursor, source: Source, depth: number): Tree | undefined {
  const start = cursor.at;
  const char = cursor.peek();
  if (char === "[") return readList(cursor, source, depth);
  if (char === "{") return readObject(cursor, source, depth);
  const value = cursor.startsWith("<<") ? readHeredoc(cursor) : readScalar(cursor);
  return value === undefined
    ? undefined
    : { kind: "scalar", value, spot: source.spot(start, cursor.at) };
}

function readScalar(cursor: Cursor): string | number | boolean | null | undefined {
  if (cursor.peek() === '"') return readString(cursor);
  const start = cursor.at;
  cursor.skipWhile((char) => /[\w.+-]/.test(char));
  const text = cursor.slice(start);
  if (text === "true" || text === "false") return text === "true";
  if (text === "null") return null;
  return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function readList(cursor: Cursor, source: Source, depth: number): Tree {
  const start = cursor.at;
  const items: Tree[] = [];
  cursor.skip();
  for (;;) {
    skipSpace(cursor);
    if (cursor.isAtEnd || cursor.take("]")) break;
    const before = cursor.at;
    items.push(readExpression(cursor, source, depth + 1));
    skipSpace(cursor);
    if (!cursor.take(",") && cursor.at === before) cursor.skip();
  }
  return { kind: "list", items, spot: source.spot(start, cursor.at) };
}

function readObject(cursor: Cursor, source: Source, depth: number): Tree {
  const start = cursor.at;
  const entries: Entry[] = [];
  cursor.skip();
  for (;;) {
    skipSpace(cursor);
    if (cursor.isAtEnd || cursor.take("}")) break;
    const before = cursor.at;
    const entry = readEntry(cursor, source, depth);
    if (entry !== undefined) entries.push(entry);
    skipSpace(cursor);
    if (!cursor.take(",") && cursor.at === before) cursor.skip();
  }
  return { kind: "mapping", entries, spot: source.spot(start, cursor.at) };
}

function readEntry(cursor: Cursor, source: Source, depth: number): Entry | undefined {
  const start = cursor.at;
  let key: string | undefined;
  if (cursor.peek() === '"') key = readString(cursor);
  else {
    cursor.skipWhile((char) => /[\w.-]/.test(char));
    key = cursor.slice(start);
  }
  const keySpot = source.spot(start, cursor.at);
  cursor.skipWhile((char) => char === " " || char === "\t");
  if (!cursor.take("=") && !cursor.take(":")) return undefined;
  const value = readExpression(cursor, source, depth + 1);
  return key === undefined || key === "" ? undefined : { key, keySpot, value };
}

/** `<<EOF` and `<<-EOF`; undefined where something is put into it. */
function readHeredoc(cursor: Cursor): string | undefined {
  const head = /^<<(-?)([\w-]+)[ \t]*\r?\n/.exec(cursor.text.slice(cursor.at, cursor.at + 200));
  if (head === null) return undefined;
  cursor.skip(head[0].length);
  const lines: string[] = [];
  while (!cursor.isAtEnd) {
    const start = cursor.at;
    cursor.skipLine();
    const line = cursor.slice(start);
    if (line.trim() === head[2])
      return /[$%]\{/.test(lines.join("\n")) ? undefined : lines.join("\n");
    lines.push(line);
    if (!cursor.take("\r\n")) cursor.skip();
  }
  return undefined;
}

/** Moves to what ends an expression, past the brackets and strings in it. */
function skipExpression(cursor: Cursor): void {
  let depth = 0;
  while (!cursor.isAtEnd) {
    const char = cursor.peek();
    if (depth === 0 && isEnd(cursor)) return;
    if (char === '"') {
      readString(cursor);
      continue;
    }
    cursor.skip();
    if ("([{".includes(char)) depth += 1;
    else if (")]}".includes(char)) depth -= 1;
    if (depth < 0) return;
  }
}

/** Blanks, lines and comments. */
function skipSpace(cursor: Cursor): void {
  for (;;) {
    cursor.skipWhile(isBlank);
    if (cursor.take("/*")) cursor.skipPast("*/");
    else if (cursor.peek() === "#" || cursor.startsWith("//")) cursor.skipLine();
    else return;
  }
}
