import { Cursor, isBlank } from "../cursor.js";
import type { Token } from "./token.js";
import { readWord } from "./word.js";

// The longest first: `&&` is no two `&`.
const OPERATORS = ["&&", "||", ";;", "|&", ";", "&", "|", "(", ")"];
const REDIRECTIONS = ["&>>", "&>", "<<<", "<<-", "<<", ">>", ">&", "<&", "<>", ">|", ">", "<"];

interface Heredoc {
  readonly end: string;
  readonly mayBeIndented: boolean;
}

/** The words and operators of a script. Redirections, comments and here-documents leave none; `isClosed`: each quote has its end. */
export function readTokens(text: string): { tokens: Token[]; isClosed: boolean } {
  const cursor = new Cursor(text);
  const tokens: Token[] = [];
  let isClosed = true;
  const heredocs: Heredoc[] = [];
  while (!cursor.isAtEnd) {
    if (cursor.take("\\\n") || cursor.take("\\\r\n")) continue;
    if (cursor.peek() === "\n") {
      cursor.skip();
      tokens.push({ kind: "operator", text: "\n", end: cursor.at });
      for (const heredoc of heredocs.splice(0)) skipHeredoc(cursor, heredoc);
    } else if (isBlank(cursor.peek())) cursor.skip();
    else if (cursor.peek() === "#") cursor.skipLine();
    else if (skipRedirection(cursor, heredocs)) continue;
    else {
      const operator = OPERATORS.find((each) => cursor.take(each));
      if (operator === undefined) {
        const read = readWord(cursor);
        tokens.push({ kind: "word", word: read.word, isQuoted: read.isQuoted });
        isClosed &&= read.isClosed;
      } else tokens.push({ kind: "operator", text: operator, end: cursor.at });
    }
  }
  return { tokens, isClosed };
}

/** Moves behind a redirection and where it goes to: neither has a part in which process runs. */
function skipRedirection(cursor: Cursor, heredocs: Heredoc[]): boolean {
  const start = cursor.at;
  cursor.skipWhile((char) => /\d/.test(char));
  const operator = REDIRECTIONS.find((each) => cursor.take(each));
  if (operator === undefined) {
    cursor.at = start;
    return false;
  }
  cursor.skipWhile((char) => char === " " || char === "\t");
  if (cursor.isAtEnd || cursor.peek() === "\n") return true;
  // `<(…)` and `>(…)` are words; what is in them runs beside.
  if (cursor.peek() === "(") return true;
  const { text } = readWord(cursor).word;
  if (operator === "<<" || operator === "<<-") {
    heredocs.push({ end: text, mayBeIndented: operator === "<<-" });
  }
  return true;
}

function skipHeredoc(cursor: Cursor, { end, mayBeIndented }: Heredoc): void {
  while (!cursor.isAtEnd) {
    const start = cursor.at;
    cursor.skipLine();
    const line = cursor.slice(start);
    if (!cursor.take("\r\n")) cursor.skip();
    if ((mayBeIndented ? line.replace(/^\t+/, "") : line) === end) return;
  }
}
