// hcl/: HCL as Nomad's jobs are written in it: blocks, attributes and literals. Expressions are unknown values.
import type { Problem, Read, Source, Spot } from "../../source/source.js";
import type { Entry } from "../../source/tree.js";
import { Cursor, isBlank } from "../cursor.js";
import { readString } from "./string.js";
import { readExpression } from "./value.js";

/** What stands in a file, or in a block. */
export interface HclBody {
  readonly attributes: readonly Entry[];
  readonly blocks: readonly HclBlock[];
}

/** `task "shop" { … }`. */
export interface HclBlock extends HclBody {
  readonly type: string;
  /** Null in place of one that is no literal. */
  readonly labels: readonly (string | null)[];
  /** From its type to the brace that opens. */
  readonly spot: Spot;
  /** With all that is in it. */
  readonly whole: Spot;
}

interface Open {
  readonly type: string;
  readonly labels: readonly (string | null)[];
  readonly spot: Spot;
  readonly attributes: Entry[];
  readonly blocks: HclBlock[];
}

const DEPTH = 100;

/** Reads a file. A line with a fault is left out, and the others hold. */
export function readHcl(source: Source): Read<HclBody> {
  return new Reader(source).read();
}

/** The blocks of a type. */
export function blocksOf({ blocks }: HclBody, type: string): readonly HclBlock[] {
  return blocks.filter((block) => block.type === type);
}

/** An attribute by its name. */
export function attributeOf({ attributes }: HclBody, name: string): Entry | undefined {
  return attributes.findLast(({ key }) => key === name);
}

class Reader {
  readonly #source: Source;
  readonly #cursor: Cursor;
  readonly #problems: Problem[] = [];
  readonly #top: Open;
  readonly #open: Open[] = [];

  constructor(source: Source) {
    this.#source = source;
    this.#cursor = new Cursor(source.text);
    this.#top = { type: "", labels: [], spot: source.spot(0), attributes: [], blocks: [] };
  }

  read(): Read<HclBody> {
    while (!this.#cursor.isAtEnd) {
      const start = this.#cursor.at;
      if (isBlank(this.#cursor.peek())) this.#cursor.skip();
      else if (skipComment(this.#cursor)) continue;
      else if (this.#cursor.take("}")) this.#close(start);
      else this.#readItem(start);
    }
    for (const { spot } of this.#open)
      this.#problems.push({ spot, what: "a block has no closing brace" });
    while (this.#open.length > 0) this.#close(this.#cursor.at);
    return { value: this.#top, problems: this.#problems };
  }

  #readItem(start: number): void {
    const name = this.#readName();
    const nameSpot = this.#spot(start);
    this.#skipBlanks();
    if (name !== "" && this.#cursor.peek() === "=" && this.#cursor.peek(1) !== "=") {
      this.#cursor.skip();
      const value = readExpression(this.#cursor, this.#source, 0);
      (this.#open.at(-1) ?? this.#top).attributes.push({ key: name, keySpot: nameSpot, value });
      return;
    }
    const labels = this.#readLabels();
    if (name !== "" && this.#cursor.take("{") && this.#open.length < DEPTH) {
      this.#open.push({ type: name, labels, spot: this.#spot(start), attributes: [], blocks: [] });
      return;
    }
    this.#cursor.skip();
    this.#cursor.skipLine();
    this.#problems.push({ spot: this.#spot(start), what: "expected `name = value` or a block" });
  }

  #readName(): string {
    const start = this.#cursor.at;
    if (this.#cursor.peek() === '"') return readString(this.#cursor) ?? "";
    this.#cursor.skipWhile((char) => /[\w-]/.test(char));
    return this.#cursor.slice(start);
  }

  #readLabels(): (string | null)[] {
    const labels: (string | null)[] = [];
    while (/["\w]/.test(this.#cursor.peek())) {
      labels.push(
        this.#cursor.peek() === '"' ? (readString(this.#cursor) ?? null) : this.#readName(),
      );
      this.#skipBlanks();
    }
    return labels;
  }

  #close(at: number): void {
    const open = this.#open.pop();
    if (open === undefined)
      this.#problems.push({ spot: this.#spot(at), what: "a brace closes nothing" });
    else
      (this.#open.at(-1) ?? this.#top).blocks.push({ ...open, whole: this.#spot(open.spot.start) });
  }

  #skipBlanks(): void {
    this.#cursor.skipWhile((char) => char === " " || char === "\t");
  }

  #spot(start: number): Spot {
    return this.#source.spot(start, this.#cursor.at);
  }
}

/** Moves behind a comment, where there is one. */
function skipComment(cursor: Cursor): boolean {
  if (cursor.take("/*")) cursor.skipPast("*/");
  else if (cursor.peek() === "#" || cursor.startsWith("//")) cursor.skipLine();
  else return false;
  return true;
}
