import type { Source, Spot } from "../../source/source.js";
import type { Cursor } from "../cursor.js";
import { readString } from "./string.js";

export interface Key {
  readonly text: string;
  readonly spot: Spot;
}

/** `a.b."c d"`, with blanks around; undefined where there is no key. */
export function readKey(cursor: Cursor, source: Source): Key[] | undefined {
  const keys: Key[] = [];
  do {
    skipBlanks(cursor);
    const start = cursor.at;
    const quote = cursor.peek();
    if (quote === '"' || quote === "'") {
      const text = readString(cursor, quote);
      if (text === undefined) return undefined;
      keys.push({ text, spot: source.spot(start, cursor.at) });
    } else {
      cursor.skipWhile((char) => /[\w-]/.test(char));
      if (cursor.at === start) return undefined;
      keys.push({ text: cursor.slice(start), spot: source.spot(start, cursor.at) });
    }
    skipBlanks(cursor);
  } while (cursor.take("."));
  return keys;
}

function skipBlanks(cursor: Cursor): void {
  cursor.skipWhile((char) => char === " " || char === "\t");
}
