import type { Cursor } from "../cursor.js";

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\u001B",
  '"': '"',
  "\\": "\\",
};

/** A string of one line, or of several in three quotes; undefined where it has no end. */
export function readString(cursor: Cursor, quote: '"' | "'"): string | undefined {
  const triple = quote.repeat(3);
  if (cursor.take(triple)) {
    if (!cursor.take("\r\n")) cursor.take("\n");
    return readUntil(cursor, triple, quote === '"');
  }
  cursor.skip();
  return readUntil(cursor, quote, quote === '"');
}

function readUntil(cursor: Cursor, end: string, hasEscapes: boolean): string | undefined {
  let text = "";
  while (!cursor.isAtEnd) {
    if (cursor.take(end)) {
      // Up to two more quotes belong to the text: `""""a""""`.
      while (end.length === 3 && cursor.take(end.charAt(0))) text += end.charAt(0);
      return text;
    }
    const char = cursor.peek();
    if (end.length === 1 && (char === "\n" || char === "\r")) return undefined;
    cursor.skip();
    text += hasEscapes && char === "\\" ? readEscape(cursor) : char;
  }
  return undefined;
}

function readEscape(cursor: Cursor): string {
  const char = cursor.peek();
  if (/[ \t\r\n]/.test(char)) {
    cursor.skipWhile((each) => /[ \t\r\n]/.test(each));
    return "";
  }
  cursor.skip();
  const digits = { u: 4, U: 8, x: 2 }[char];
  if (digits === undefined) return ESCAPES[char] ?? char;
  const start = cursor.at;
  cursor.skip(digits);
  const code = Number.parseInt(cursor.slice(start), 16);
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : "";
}
