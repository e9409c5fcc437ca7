import type { Problem, Read, Source, Spot } from "../source/source.js";
import { Cursor, isBlank } from "./cursor.js";

/** A directive with what stands in its braces. */
export interface NginxDirective {
  readonly name: string;
  readonly args: readonly NginxWord[];
  /** Null where it ends with a semicolon. */
  readonly block: readonly NginxDirective[] | null;
  /** From its name to the semicolon or the brace that opens. */
  readonly spot: Spot;
}

export interface NginxWord {
  /** Without quotes. */
  readonly text: string;
  readonly spot: Spot;
}

/** A directive as it is read. */
interface Open {
  readonly directive: { name: string; args: NginxWord[]; spot: Spot };
  readonly block: NginxDirective[];
}

// nginx nests no deeper than http, server, location, if; more is refused before the stack of a reader could end.
const DEPTH = 100;

/** Reads a configuration of nginx, or a part of one that is included. */
export function readNginx(source: Source): Read<readonly NginxDirective[]> {
  return new Reader(source).read();
}

class Reader {
  readonly #source: Source;
  readonly #cursor: Cursor;
  readonly #problems: Problem[] = [];
  readonly #top: NginxDirective[] = [];
  readonly #open: Open[] = [];
  #words: NginxWord[] = [];

  constructor(source: Source) {
    this.#source = source;
    this.#cursor = new Cursor(source.text);
  }

  read(): Read<readonly NginxDirective[]> {
    while (!this.#cursor.isAtEnd) this.#readOne();
    const [word] = this.#words;
    if (word !== undefined) this.#report(word.spot, "a directive has no semicolon");
    for (const { directive } of this.#open)
      this.#report(directive.spot, "a block has no closing brace");
    while (this.#open.length > 0) this.#close();
    return { value: this.#top, problems: this.#problems };
  }

  #readOne(): void {
    const start = this.#cursor.at;
    if (isBlank(this.#cursor.peek())) this.#cursor.skip();
    else if (this.#cursor.peek() === "#") this.#cursor.skipLine();
    else if (this.#cursor.take(";")) this.#end(null);
    else if (this.#cursor.take("{")) this.#begin(start);
    else if (this.#cursor.take("}")) this.#closeAt(start);
    else this.#words.push(this.#readWord());
  }

  #readWord(): NginxWord {
    const start = this.#cursor.at;
    const quote = this.#cursor.peek();
    const text = quote === '"' || quote === "'" ? this.#readQuoted(quote) : this.#readPlain();
    return { text, spot: this.#source.spot(start, this.#cursor.at) };
  }

  #readQuoted(quote: string): string {
    const start = this.#cursor.at;
    this.#cursor.skip();
    let text = "";
    while (!this.#cursor.isAtEnd) {
      if (this.#cursor.take(quote)) return text;
      if (this.#cursor.peek() === "\\") this.#cursor.skip();
      text += this.#cursor.peek();
      this.#cursor.skip();
    }
    this.#report(this.#source.spot(start, start + 1), "a quote has no end");
    return text;
  }

  /** Inside a word only these end it; `${name}` has braces of its own. */
  #readPlain(): string {
    const start = this.#cursor.at;
    while (
      !this.#cursor.isAtEnd &&
      !isBlank(this.#cursor.peek()) &&
      !";{".includes(this.#cursor.peek())
    ) {
      if (this.#cursor.startsWith("${"))
        this.#cursor.skipWhile((char) => char !== "}" && !isBlank(char));
      else if (this.#cursor.peek() === "\\") this.#cursor.skip(2);
      else this.#cursor.skip();
    }
    return this.#cursor.slice(start);
  }

  #begin(start: number): void {
    const name = this.#words[0]?.text ?? "";
    if (name.endsWith("_by_lua_block")) {
      if (!skipLua(this.#cursor))
        this.#report(this.#source.spot(start, start + 1), "a block of Lua has no end");
      this.#end([]);
      return;
    }
    const directive = this.#takeDirective();
    if (directive === undefined)
      this.#report(this.#source.spot(start, start + 1), "a block has no name");
    const spot = this.#source.spot(start, start + 1);
    if (this.#open.length >= DEPTH) {
      this.#report(spot, "nested too deeply to be read");
      this.#cursor.skip(Infinity);
    }
    this.#open.push({ directive: directive ?? { name: "", args: [], spot }, block: [] });
  }

  #end(block: NginxDirective[] | null): void {
    const directive = this.#takeDirective();
    if (directive !== undefined) this.#add({ ...directive, block });
  }

  #closeAt(start: number): void {
    const [word] = this.#words;
    if (word !== undefined) this.#report(word.spot, "a directive has no semicolon");
    this.#words = [];
    if (this.#open.length === 0)
      this.#report(this.#source.spot(start, start + 1), "a brace closes nothing");
    this.#close();
  }

  #close(): void {
    const open = this.#open.pop();
    if (open !== undefined) this.#add({ ...open.directive, block: open.block });
  }

  #takeDirective(): Open["directive"] | undefined {
    const [name, ...args] = this.#words;
    this.#words = [];
    if (name === undefined) return undefined;
    return { name: name.text, args, spot: this.#source.spot(name.spot.start, this.#cursor.at) };
  }

  #add(directive: NginxDirective): void {
    (this.#open.at(-1)?.block ?? this.#top).push(directive);
  }

  #report(spot: Spot, what: string): void {
    this.#problems.push({ spot, what });
  }
}

/** Moves behind the brace that closes a block of Lua. */
function skipLua(cursor: Cursor): boolean {
  let depth = 1;
  while (!cursor.isAtEnd) {
    const char = cursor.peek();
    if (cursor.take("--")) {
      if (!(cursor.take("[[") && cursor.skipPast("]]"))) cursor.skipLine();
    } else if (char === '"' || char === "'") skipLuaString(cursor, char);
    else {
      cursor.skip();
      if (char === "{") depth += 1;
      if (char === "}") depth -= 1;
      if (depth === 0) return true;
    }
  }
  return false;
}

function skipLuaString(cursor: Cursor, quote: string): void {
  cursor.skip();
  while (!cursor.isAtEnd && cursor.peek() !== "\n") {
    if (cursor.take(quote)) return;
    cursor.skip(cursor.peek() === "\\" ? 2 : 1);
  }
}
