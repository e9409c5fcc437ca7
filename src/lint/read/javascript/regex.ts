import type { Cursor } from "../cursor.js";

// Longer ones are not written by hand.
const LENGTH = 2_000;

const REGEX = /^\/(?![*/])(?:[^\\/[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+\/[a-z]*/;

/** Moves behind a regular expression. It ends on its line; where it does not, the slash is a division. */
export function takeRegex(cursor: Cursor): boolean {
  const found = REGEX.exec(cursor.text.slice(cursor.at, cursor.at + LENGTH));
  if (found === null) return false;
  cursor.skip(found[0].length);
  return true;
}

/** The same where what stands before the slash has to say whether it is one: in a template. */
export function skipRegex(cursor: Cursor): boolean {
  const before = cursor.text.slice(Math.max(0, cursor.at - 20), cursor.at).trimEnd();
  return /[(,=:[!&|?{};]$/.test(before) && takeRegex(cursor);
}
