import type { Spot } from "../../source/source.js";
import type { Entry, Tree } from "../../source/tree.js";
import { at } from "../../source/tree.js";
import type { Program } from "./program.js";
import type { Token } from "./token.js";
import { skipType } from "./types.js";

/** The key of an entry for all that an object may have besides: what was spread into it is not known. */
const REST = "...";

const DEPTH = 40;
// Constants made of constants grow with each step; no options are as large as this.
const VALUES = 20_000;
// Of tokens that stand side by side in one expression; what is in brackets counts as one.
const LENGTH = 1_000;
const ENDS = new Set([",", ";", ")", "]", "}"]);

/** The value of the expression that begins at this token. What is not made of literals is unknown. */
export function evaluate(program: Program, index: number): Tree {
  return new Evaluator(program).read(index, 0).tree;
}

/** The values between two brackets: of a call's arguments. */
export function evaluateList(program: Program, open: number): readonly Tree[] {
  const { tree } = new Evaluator(program).list(open, 0);
  return tree.kind === "list" ? tree.items : [];
}

interface Result {
  readonly tree: Tree;
  /** The index of the first token behind it. */
  readonly next: number;
}

class Evaluator {
  readonly #program: Program;
  #left = VALUES;

  constructor(program: Program) {
    this.#program = program;
  }

  /** An expression up to the comma, bracket or line that ends it. */
  read(index: number, depth: number): Result {
    this.#left -= 1;
    if (depth > DEPTH || this.#left < 0) return this.#unknown(index);
    const result = this.#sum(index, depth);
    const next = skipType(this.#program, result.next);
    return this.#isEnd(next) ? { tree: result.tree, next } : this.#unknown(index);
  }

  #sum(index: number, depth: number): Result {
    let left = this.#product(index, depth);
    for (
      let sign = this.#sign(left.next);
      sign === "+" || sign === "-";
      sign = this.#sign(left.next)
    ) {
      left = this.#combine(left, sign, this.#product(left.next + 1, depth));
    }
    return left;
  }

  #product(index: number, depth: number): Result {
    let left = this.#unary(index, depth);
    for (
      let sign = this.#sign(left.next);
      sign === "*" || sign === "/";
      sign = this.#sign(left.next)
    ) {
      left = this.#combine(left, sign, this.#unary(left.next + 1, depth));
    }
    return left;
  }

  #combine(left: Result, sign: string, right: Result): Result {
    const { file, start, line, column } = left.tree.spot;
    const spot = { file, start, line, column, end: Math.max(start, right.tree.spot.end) };
    const value = calculate(left.tree, sign, right.tree);
    const tree: Tree =
      value === undefined ? { kind: "unknown", spot } : { kind: "scalar", value, spot };
    return { tree, next: right.next };
  }

  #unary(index: number, depth: number): Result {
    const sign = this.#sign(index);
    if (sign !== "-" && sign !== "!") return this.#primary(index, depth);
    if (depth > DEPTH) return this.#unknown(index);
    const { tree, next } = this.#unary(index + 1, depth + 1);
    const value = tree.kind === "scalar" ? tree.value : undefined;
    const spot = this.#spot(index, next - 1);
    if (sign === "-" && typeof value === "number") {
      return { tree: { kind: "scalar", value: -value, spot }, next };
    }
    if (sign === "!" && (typeof value === "boolean" || typeof value === "number")) {
      return { tree: { kind: "scalar", value: !value, spot }, next };
    }
    return { tree: { kind: "unknown", spot }, next };
  }

  #primary(index: number, depth: number): Result {
    const token = this.#program.tokens[index];
    if (token === undefined) return this.#unknown(index);
    if (token.kind === "sign" && depth < DEPTH) {
      if (token.text === "{") return this.#object(index, depth);
      if (token.text === "[") return this.list(index, depth);
      if (token.text === "(") {
        const inner = this.read(index + 1, depth + 1);
        return this.#sign(inner.next) === ")"
          ? { ...inner, next: inner.next + 1 }
          : this.#unknown(index);
      }
    }
    const spot = this.#spot(index, index);
    const value = scalarOf(token);
    if (value !== undefined) return { tree: { kind: "scalar", value, spot }, next: index + 1 };
    if (token.kind === "name") return this.#name(token.text, index, depth);
    return this.#unknown(index);
  }

  /** A constant of this file, or a part of one: `TIMES.grace`. */
  #name(name: string, index: number, depth: number): Result {
    const where = this.#program.constants.get(name);
    if (where === undefined || where === index) return this.#unknown(index);
    let tree = this.#constant(where, depth);
    let next = index + 1;
    while (this.#sign(next) === "." && this.#program.tokens[next + 1]?.kind === "name") {
      const part = at(tree, this.#program.tokens[next + 1]?.text ?? "");
      if (part === undefined) return this.#unknown(index);
      tree = part;
      next += 2;
    }
    return { tree, next };
  }

  #constant(where: number, depth: number): Tree {
    const { known } = this.#program;
    const before = this.#left;
    const found = known.get(where);
    if (found !== undefined) {
      this.#left -= found.size;
      return this.#left < 0 ? { kind: "unknown", spot: found.tree.spot } : found.tree;
    }
    const { tree } = this.read(where, depth + 2);
    known.set(where, { tree, size: before - this.#left });
    return tree;
  }

  /** What stands between brackets, with commas. */
  list(index: number, depth: number): Result {
    const items: Tree[] = [];
    const end = this.#program.pairs.get(index) ?? index;
    let next = index + 1;
    while (next < end) {
      if (this.#sign(next) === ",") {
        items.push({ kind: "unknown", spot: this.#spot(next, next) });
        next += 1;
        continue;
      }
      const isSpread = this.#sign(next) === "...";
      const item = this.read(isSpread ? next + 1 : next, depth + 1);
      if (isSpread && item.tree.kind === "list" && this.#left > 0) {
        items.push(...item.tree.items);
        this.#left -= item.tree.items.length;
      } else items.push(isSpread ? { kind: "unknown", spot: item.tree.spot } : item.tree);
      next = this.#afterComma(Math.max(item.next, next + 1));
    }
    return { tree: { kind: "list", items, spot: this.#spot(index, end) }, next: end + 1 };
  }

  #object(index: number, depth: number): Result {
    let entries: Entry[] = [];
    const end = this.#program.pairs.get(index) ?? index;
    let next = index + 1;
    while (next < end) {
      const isSpread = this.#sign(next) === "...";
      const { found, after } = isSpread ? this.#spread(next, depth) : this.#entry(next, depth);
      // What is spread in may replace what stands before it.
      if (found.some(({ key }) => key === REST)) entries = entries.map(forget);
      entries.push(...found);
      next = this.#afterComma(Math.max(after, next + 1));
    }
    // The end of a value was not found: there may be more.
    if (next > end + 1) entries.push(this.#rest(index));
    return { tree: { kind: "mapping", entries, spot: this.#spot(index, end) }, next: end + 1 };
  }

  #spread(index: number, depth: number): { found: readonly Entry[]; after: number } {
    const { tree, next } = this.read(index + 1, depth + 1);
    const found = tree.kind === "mapping" && this.#left > 0 ? tree.entries : [this.#rest(index)];
    this.#left -= found.length;
    return { found, after: next };
  }

  #entry(index: number, depth: number): { found: readonly Entry[]; after: number } {
    const token = this.#program.tokens[index];
    const key = token === undefined ? undefined : keyOf(token);
    const after = this.#sign(index + 1);
    if (key === undefined) return { found: [this.#rest(index)], after: this.#skip(index) };
    const keySpot = this.#spot(index, index);
    if (after === ":") {
      const { tree, next } = this.read(index + 2, depth + 1);
      return { found: [{ key, keySpot, value: tree }], after: next };
    }
    if (after === "," || after === "}") {
      const { tree } = this.#name(key, index, depth);
      return { found: [{ key, keySpot, value: tree }], after: index + 1 };
    }
    const value: Tree = { kind: "unknown", spot: keySpot };
    // A method has its name; of a getter, and of what is async, the name comes later.
    const name = after === "(" ? key : (this.#program.tokens[index + 1]?.text ?? REST);
    return { found: [{ key: name, keySpot, value }], after: this.#skip(index) };
  }

  #rest(index: number): Entry {
    const spot = this.#spot(index, index);
    return { key: REST, keySpot: spot, value: { kind: "unknown", spot } };
  }

  #afterComma(index: number): number {
    const next = this.#sign(index) === "," ? index : this.#skip(index);
    return next + 1;
  }

  #unknown(index: number): Result {
    const next = this.#skip(index);
    return { tree: { kind: "unknown", spot: this.#spot(index, Math.max(index, next - 1)) }, next };
  }

  /** The index of what ends the expression that begins here. */
  #skip(index: number): number {
    let next = index;
    for (let count = 0; count < LENGTH && next < this.#program.tokens.length; count += 1) {
      if (next > index && this.#isEnd(next)) return next;
      if (ENDS.has(this.#sign(next) ?? "")) return next;
      next = (this.#program.pairs.get(next) ?? next) + 1;
    }
    return this.#program.tokens.length;
  }

  #isEnd(index: number): boolean {
    const { tokens, source } = this.#program;
    const [before, token] = [tokens[index - 1], tokens[index]];
    if (token === undefined || ENDS.has(this.#sign(index) ?? "")) return true;
    if (before === undefined || token.kind === "sign" || token.kind === "template") return false;
    if (["in", "instanceof", "as", "satisfies"].includes(token.text)) return false;
    const isValue = before.kind !== "sign" || ENDS.has(before.text);
    return isValue && source.text.slice(before.end, token.start).includes("\n");
  }

  #sign(index: number): string | undefined {
    const token = this.#program.tokens[index];
    return token?.kind === "sign" ? token.text : undefined;
  }

  #spot(first: number, last: number): Spot {
    const { tokens, source } = this.#program;
    const start = tokens[first]?.start ?? source.text.length;
    return source.spot(start, tokens[last]?.end ?? start);
  }
}

function forget({ key, keySpot, value }: Entry): Entry {
  return { key, keySpot, value: { kind: "unknown", spot: value.spot } };
}

function keyOf({ kind, text, value }: Token): string | undefined {
  if (kind === "name") return text;
  if (kind === "string") return value;
  return kind === "number" ? text : undefined;
}

function scalarOf({ kind, text, value }: Token): string | number | boolean | null | undefined {
  if (kind === "string" || kind === "template") return value;
  if (kind === "number") {
    const number = Number(text.replaceAll("_", ""));
    return Number.isNaN(number) ? undefined : number;
  }
  if (kind !== "name") return undefined;
  return text === "true" ? true : text === "false" ? false : text === "null" ? null : undefined;
}

function calculate(left: Tree, sign: string, right: Tree): string | number | undefined {
  if (left.kind !== "scalar" || right.kind !== "scalar") return undefined;
  const [a, b] = [left.value, right.value];
  if (typeof a === "string" && typeof b === "string") return sign === "+" ? a + b : undefined;
  if (typeof a !== "number" || typeof b !== "number") return undefined;
  if (sign === "+") return a + b;
  if (sign === "-") return a - b;
  return sign === "*" ? a * b : a / b;
}
