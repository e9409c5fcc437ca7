// toml/: TOML with the places of its keys and values, as `fly.toml` and Traefik need it.
import type { Problem, Read, Source, Spot } from "../../source/source.js";
import type { Mapping, Tree } from "../../source/tree.js";
import { Cursor, isBlank } from "../cursor.js";
import { readKey } from "./key.js";
import { Table } from "./table.js";
import { readValue } from "./value.js";

/** Reads a document. A line with a fault is left out, and the others hold. */
export function readToml(source: Source): Read<Mapping> {
  return new Reader(source).read();
}

class Reader {
  readonly #source: Source;
  readonly #cursor: Cursor;
  readonly #problems: Problem[] = [];
  readonly #root: Table;
  #table: Table | undefined;

  constructor(source: Source) {
    this.#source = source;
    this.#cursor = new Cursor(source.text);
    this.#root = new Table(source.spot(0, source.text.length));
    this.#table = this.#root;
  }

  read(): Read<Mapping> {
    while (!this.#cursor.isAtEnd) {
      if (isBlank(this.#cursor.peek())) this.#cursor.skip();
      else if (this.#cursor.peek() === "#") this.#cursor.skipLine();
      else this.#readLine();
    }
    return { value: this.#root.toTree(), problems: this.#problems };
  }

  #readLine(): void {
    const start = this.#cursor.at;
    const isList = this.#cursor.take("[[");
    const what =
      isList || this.#cursor.take("[") ? this.#readHeading(start, isList) : this.#readPair();
    this.#cursor.skipWhile((char) => char === " " || char === "\t");
    const rest = this.#cursor.peek();
    const fault =
      what ?? (rest === "" || "#\r\n".includes(rest) ? undefined : "more than one value on a line");
    this.#cursor.skipLine();
    if (fault !== undefined)
      this.#problems.push({ spot: this.#source.spot(start, this.#cursor.at), what: fault });
  }

  /** What is wrong with it, if anything is. */
  #readHeading(start: number, isList: boolean): string | undefined {
    const keys = readKey(this.#cursor, this.#source);
    this.#table = undefined;
    if (keys === undefined || !this.#cursor.take(isList ? "]]" : "]"))
      return "expected `[table]` or `[[list]]`";
    const spot = this.#spot(start);
    this.#table = this.#root.open(keys, spot, isList);
    return this.#table === undefined ? "a table where there is a value already" : undefined;
  }

  #readPair(): string | undefined {
    const keys = readKey(this.#cursor, this.#source);
    if (keys === undefined || !this.#cursor.take("=")) return "expected `key = value`";
    const value: Tree | undefined = readValue(this.#cursor, this.#source, 0);
    if (value === undefined) return "expected a value";
    const isNew = this.#table?.set(keys, value) ?? true;
    return isNew ? undefined : "a key that is there already";
  }

  #spot(start: number): Spot {
    return this.#source.spot(start, this.#cursor.at);
  }
}
