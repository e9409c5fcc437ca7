import { Cursor, isBlank } from "../cursor.js";
import type { ShellWord } from "./token.js";

const ENDS = ";&|<>()";

/** A word as it grows. */
interface Draft {
  text: string;
  isLiteral: boolean;
  isQuoted: boolean;
  isClosed: boolean;
}

/** Reads one word from where it begins. `isClosed` is false where a quote or an expansion in it has no end. */
export function readWord(cursor: Cursor): {
  readonly word: ShellWord;
  readonly isQuoted: boolean;
  readonly isClosed: boolean;
} {
  const start = cursor.at;
  const draft: Draft = { text: "", isLiteral: true, isQuoted: false, isClosed: true };
  while (!cursor.isAtEnd && !isBlank(cursor.peek()) && !ENDS.includes(cursor.peek())) {
    readPart(cursor, draft);
  }
  const { text, isLiteral, isQuoted, isClosed } = draft;
  return { word: { text, isLiteral, start, end: cursor.at }, isQuoted, isClosed };
}

function readPart(cursor: Cursor, draft: Draft): void {
  const char = cursor.peek();
  if (char === "'") readSingle(cursor, draft);
  else if (char === '"') readDouble(cursor, draft);
  else if (char === "$" || char === "`") readDollar(cursor, draft);
  else if (char === "\\") readEscape(cursor, draft);
  else {
    // `[` alone is a command.
    const isPattern = "*?~{".includes(char) || (char === "]" && draft.text.includes("["));
    if (isPattern) draft.isLiteral = false;
    draft.text += char;
    cursor.skip();
  }
}

function readEscape(cursor: Cursor, draft: Draft): void {
  cursor.skip();
  if (cursor.take("\r\n") || cursor.take("\n")) return;
  draft.isQuoted = true;
  draft.text += cursor.peek();
  cursor.skip();
}

function readSingle(cursor: Cursor, draft: Draft): void {
  const start = cursor.at + 1;
  cursor.skip();
  const isClosed = cursor.skipPast("'");
  draft.text += cursor.slice(start).slice(0, isClosed ? -1 : undefined);
  draft.isQuoted = true;
  draft.isClosed &&= isClosed;
}

function readDouble(cursor: Cursor, draft: Draft): void {
  cursor.skip();
  draft.isQuoted = true;
  while (!cursor.isAtEnd) {
    const char = cursor.peek();
    if (cursor.take('"')) return;
    if (char === "$" || char === "`") readDollar(cursor, draft);
    else if (char === "\\" && '"\\$`\n\r'.includes(cursor.peek(1))) readEscape(cursor, draft);
    else {
      draft.text += char;
      cursor.skip();
    }
  }
  draft.isClosed = false;
}

/** Expansions stay as they are written: what they become is not in the file. */
function readDollar(cursor: Cursor, draft: Draft): void {
  const start = cursor.at;
  if (cursor.startsWith("$'") && !draft.isQuoted) {
    cursor.skip();
    readSingle(cursor, draft);
    draft.isLiteral = false;
    return;
  }
  const isClosed = skipExpansion(cursor);
  const written = cursor.slice(start);
  if (written !== "$") draft.isLiteral = false;
  draft.isClosed &&= isClosed;
  draft.text += written;
}

/** Moves behind `$x`, `${x}`, `$(x)` or a command in backquotes; whether it has an end. */
function skipExpansion(cursor: Cursor): boolean {
  if (cursor.take("`")) return cursor.skipPast("`");
  if (cursor.startsWith("${") || cursor.startsWith("$(")) return skipNested(cursor);
  cursor.skip();
  const start = cursor.at;
  cursor.skipWhile((char) => /\w/.test(char));
  if (cursor.at === start && /[@*#?$!-]/.test(cursor.peek())) cursor.skip();
  return true;
}

function skipNested(cursor: Cursor): boolean {
  const closers: string[] = [];
  while (!cursor.isAtEnd) {
    const char = cursor.peek();
    if (char === "\\") cursor.skip();
    else if (char === "'" && closers.at(-1) !== '"') {
      cursor.skip();
      if (!cursor.skipPast("'")) return false;
      continue;
    } else if (char === closers.at(-1)) closers.pop();
    else if (char === '"') closers.push('"');
    else if (char === "{" && cursor.text[cursor.at - 1] === "$") closers.push("}");
    else if (char === "(") closers.push(")");
    cursor.skip();
    if (closers.length === 0 && char !== "$" && char !== "\\") return true;
  }
  return false;
}
