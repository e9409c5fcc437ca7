// read/: one parser a file or a folder. Each gives data with places and problems, and throws on no input.
import type { Problem, Read, Source } from "../source/source.js";
import type { Entry, Tree } from "../source/tree.js";

const DEEPEST = 200;

/** Reads JSON with places. Comments and trailing commas are let through: many tools that read JSON do so. */
export function readJson(source: Source): Read<Tree | null> {
  const reader = new Reader(source);
  try {
    return { value: reader.readAll(), problems: [] };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return {
      value: null,
      problems: [{ spot: source.spot(error.offset), what: error.message } satisfies Problem],
    };
  }
}

class Fault extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const BLANK = /(?:\s+|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;
const STRING = /"(?:[^"\\\n]|\\.)*"/y;
const WORD = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;

class Reader {
  readonly #source: Source;
  #offset = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  readAll(): Tree {
    const tree = this.#readValue(0);
    this.#skipBlank();
    if (this.#offset < this.#source.text.length) this.#fail("Expected the end of the document");
    return tree;
  }

  #readValue(depth: number): Tree {
    if (depth > DEEPEST) this.#fail("it is nested too deeply");
    this.#skipBlank();
    const start = this.#offset;
    const spot = (): ReturnType<Source["spot"]> => this.#source.spot(start, this.#offset);
    const first = this.#source.text[start];
    if (first === "{") return { kind: "mapping", entries: this.#readEntries(depth), spot: spot() };
    if (first === "[") return { kind: "list", items: this.#readItems(depth), spot: spot() };
    const word = first === '"' ? this.#take(STRING) : this.#take(WORD);
    if (word === undefined) this.#fail("Expected a value");
    return { kind: "scalar", value: this.#toScalar(word, start), spot: spot() };
  }

  #readEntries(depth: number): Entry[] {
    const entries: Entry[] = [];
    this.#readList("}", () => {
      const start = this.#offset;
      const word = this.#take(STRING);
      if (word === undefined) this.#fail("Expected a name in double quotes");
      const keySpot = this.#source.spot(start, this.#offset);
      this.#skipBlank();
      if (!this.#accept(":")) this.#fail("Expected `:`");
      const key = String(this.#toScalar(word, start));
      entries.push({ key, keySpot, value: this.#readValue(depth + 1) });
    });
    return entries;
  }

  #readItems(depth: number): Tree[] {
    const items: Tree[] = [];
    this.#readList("]", () => items.push(this.#readValue(depth + 1)));
    return items;
  }

  #readList(end: string, readOne: () => void): void {
    this.#offset += 1;
    for (;;) {
      this.#skipBlank();
      if (this.#accept(end)) return;
      readOne();
      this.#skipBlank();
      if (this.#accept(end)) return;
      if (!this.#accept(",")) this.#fail(`Expected \`,\` or \`${end}\``);
    }
  }

  #toScalar(word: string, start: number): string | number | boolean | null {
    try {
      return JSON.parse(word) as string | number | boolean | null;
    } catch {
      throw new Fault(start, "Expected a string without unknown escapes");
    }
  }

  #accept(char: string): boolean {
    if (this.#source.text[this.#offset] !== char) return false;
    this.#offset += 1;
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const [word] = pattern.exec(this.#source.text) ?? [];
    this.#offset += word?.length ?? 0;
    return word;
  }

  #skipBlank(): void {
    this.#take(BLANK);
  }

  #fail(what: string): never {
    throw new Fault(this.#offset, what);
  }
}
