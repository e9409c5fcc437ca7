import { Cursor } from "../cursor.js";
import { takeRegex } from "./regex.js";
import { readString, readTemplate } from "./strings.js";
import type { Token } from "./token.js";

// The longest first.
const SIGNS = [
  ">>>=",
  "...",
  "===",
  "!==",
  "**=",
  "<<=",
  ">>=",
  ">>>",
  "&&=",
  "||=",
  "??=",
  "=>",
  "==",
  "!=",
  "<=",
  ">=",
  "&&",
  "||",
  "??",
  "?.",
  "++",
  "--",
  "+=",
  "-=",
  "*=",
  "/=",
  "%=",
  "&=",
  "|=",
  "^=",
  "**",
  "<<",
  ">>",
];

// Behind these words begins an expression, so a slash is the beginning of a regular expression.
const BEFORE_VALUES = new Set(
  "return typeof instanceof in of new delete void throw case do else yield await extends default".split(
    " ",
  ),
);

const CONDITIONS = new Set(["if", "while", "for", "with"]);

/** The tokens of a text. Never throws, whatever the text is; what has no end goes to that of its line, or of the text. */
export function readTokens(text: string): readonly Token[] {
  return new Reader(text).read();
}

class Reader {
  readonly #cursor: Cursor;
  readonly #tokens: Token[] = [];
  /** For each bracket that is open, whether a slash right behind its end begins a regular expression. */
  readonly #open: boolean[] = [];
  #mayBeRegex = true;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
    if (text.startsWith("#!")) this.#cursor.skipLine();
  }

  read(): readonly Token[] {
    while (!this.#cursor.isAtEnd) this.#readOne();
    return this.#tokens;
  }

  #readOne(): void {
    const cursor = this.#cursor;
    const start = cursor.at;
    const char = cursor.peek();
    if (/\s|\uFEFF/.test(char)) cursor.skip();
    else if (cursor.take("//")) cursor.skipLine();
    else if (cursor.take("/*")) cursor.skipPast("*/");
    else if (char === '"' || char === "'") this.#add("string", start, readString(cursor));
    else if (char === "`") this.#add("template", start, readTemplate(cursor));
    else if (/[0-9]/.test(char) || (char === "." && /[0-9]/.test(cursor.peek(1))))
      this.#readNumber();
    else if (/[\p{L}\p{Nl}_$#\\]/u.test(char) || char >= "\uD800") this.#readName();
    else if (char === "/" && this.#mayBeRegex && this.#readRegex()) return;
    else this.#readSign();
  }

  #add(kind: Token["kind"], start: number, value?: string): void {
    const { at: end } = this.#cursor;
    this.#tokens.push({ kind, text: this.#cursor.slice(start), value, start, end });
    this.#mayBeRegex = false;
  }

  #readNumber(): void {
    const start = this.#cursor.at;
    this.#cursor.skipWhile((char) => /[\w.]/.test(char));
    // The sign of an exponent belongs to the number: 1e-3.
    if (/^[\d._]+e$/i.test(this.#cursor.slice(start)) && /[+-]/.test(this.#cursor.peek())) {
      this.#cursor.skip();
      this.#cursor.skipWhile((char) => /\d/.test(char));
    }
    this.#add("number", start);
  }

  #readName(): void {
    const start = this.#cursor.at;
    this.#cursor.skip();
    this.#cursor.skipWhile(
      (char) =>
        /[\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}_$\\\u200C\u200D]/u.test(char) || char >= "\uD800",
    );
    const isMember = [".", "?."].includes(this.#tokens.at(-1)?.text ?? "");
    this.#add("name", start);
    this.#mayBeRegex = !isMember && BEFORE_VALUES.has(this.#cursor.slice(start));
  }

  #readRegex(): boolean {
    const start = this.#cursor.at;
    if (!takeRegex(this.#cursor)) return false;
    this.#add("regex", start);
    return true;
  }

  #readSign(): void {
    const start = this.#cursor.at;
    const sign = SIGNS.find((each) => this.#cursor.take(each));
    if (sign === undefined) this.#cursor.skip();
    const text = this.#cursor.slice(start);
    const before = this.#tokens.at(-1);
    this.#add("sign", start);
    if (text === "(") this.#open.push(before?.kind === "name" && CONDITIONS.has(before.text));
    else if (text === "{") this.#open.push(beginsBlock(before));
    else if (text === "[") this.#open.push(false);
    const isEnd = text === ")" || text === "}" || text === "]";
    this.#mayBeRegex = isEnd ? (this.#open.pop() ?? text === "}") : text !== "++" && text !== "--";
  }
}

/** Whether a brace behind this token begins statements; else it is an object. */
function beginsBlock(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === "name")
    return !BEFORE_VALUES.has(before.text) || ["else", "do"].includes(before.text);
  return before.kind === "sign" && [")", ";", "{", "}", "=>"].includes(before.text);
}
