import type { Cursor } from "../cursor.js";

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** A string in quotes, with the strings that stand in its `${…}`; undefined where it has those, or no end. */
export function readString(cursor: Cursor): string | undefined {
  let text: string | undefined = "";
  cursor.skip();
  while (!cursor.isAtEnd && cursor.peek() !== "\n") {
    if (cursor.take('"')) return text;
    if (cursor.take("$${") || cursor.take("%%{")) text = text === undefined ? text : `${text}\${`;
    else if (cursor.startsWith("${") || cursor.startsWith("%{")) {
      skipTemplate(cursor);
      text = undefined;
    } else {
      const char = cursor.take("\\") ? (ESCAPES[cursor.peek()] ?? cursor.peek()) : cursor.peek();
      cursor.skip();
      text = text === undefined ? text : text + char;
    }
  }
  return undefined;
}

/** Moves behind the brace that ends `${…}`. */
function skipTemplate(cursor: Cursor): void {
  let depth = 0;
  let isInString = false;
  while (!cursor.isAtEnd && cursor.peek() !== "\n") {
    const char = cursor.peek();
    cursor.skip(char === "\\" ? 2 : 1);
    if (char === '"') isInString = !isInString;
    else if (char === "{" && !isInString) depth += 1;
    else if (char === "}" && !isInString) {
      depth -= 1;
      if (depth === 0) return;
    }
  }
}
