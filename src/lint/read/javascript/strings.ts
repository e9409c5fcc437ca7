import type { Cursor } from "../cursor.js";
import { skipRegex } from "./regex.js";

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
};

/** Reads a string in quotes, and says what it says. One that has no end ends with its line, and says nothing. */
export function readString(cursor: Cursor): string | undefined {
  const quote = cursor.peek();
  cursor.skip();
  let value = "";
  while (!cursor.isAtEnd && cursor.peek() !== "\n" && cursor.peek() !== "\r") {
    if (cursor.take(quote)) return value;
    value += readCharacter(cursor);
  }
  return undefined;
}

/** Reads a template with all that is in it, and says what it says, where it has no expressions. */
export function readTemplate(cursor: Cursor): string | undefined {
  let value: string | undefined = "";
  // Expressions in templates have braces, strings and templates of their own.
  const open: ("`" | "{")[] = ["`"];
  cursor.skip();
  while (!cursor.isAtEnd) {
    if (open.at(-1) === "`") {
      if (cursor.take("`")) {
        open.pop();
        if (open.length === 0) return value;
      } else if (cursor.take("${")) {
        open.push("{");
        value = undefined;
      } else {
        const read = readCharacter(cursor);
        if (value !== undefined) value += read;
      }
    } else readInExpression(cursor, open);
  }
  return undefined;
}

function readInExpression(cursor: Cursor, open: ("`" | "{")[]): void {
  const char = cursor.peek();
  if (char === '"' || char === "'") readString(cursor);
  else if (cursor.take("//")) cursor.skipLine();
  else if (cursor.take("/*")) cursor.skipPast("*/");
  else if (char === "/" && skipRegex(cursor)) return;
  else {
    cursor.skip();
    if (char === "`" || char === "{") open.push(char);
    else if (char === "}") open.pop();
  }
}

function readCharacter(cursor: Cursor): string {
  const char = cursor.peek();
  cursor.skip();
  if (char !== "\\") return char;
  if (cursor.take("\r\n") || cursor.take("\n")) return "";
  const escape = cursor.peek();
  cursor.skip();
  if (escape === "x") return readCode(cursor, 2);
  if (escape === "u" && cursor.take("{")) {
    const start = cursor.at;
    if (!cursor.skipPast("}")) return "";
    return toCharacter(cursor.slice(start).slice(0, -1));
  }
  return escape === "u" ? readCode(cursor, 4) : (ESCAPES[escape] ?? escape);
}

function readCode(cursor: Cursor, digits: number): string {
  const start = cursor.at;
  cursor.skip(digits);
  return toCharacter(cursor.slice(start));
}

function toCharacter(hex: string): string {
  const code = /^[\da-f]{1,6}$/i.test(hex) ? Number.parseInt(hex, 16) : undefined;
  return code === undefined || code > 0x10_ff_ff ? "" : String.fromCodePoint(code);
}
