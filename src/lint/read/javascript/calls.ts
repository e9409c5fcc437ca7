import type { Spot } from "../../source/source.js";
import type { Tree } from "../../source/tree.js";
import { chainBefore, invert } from "./chain.js";
import { evaluateList } from "./evaluate.js";
import { type Program, wordAt } from "./program.js";

/** A call of a function. */
export interface Call {
  /** As it is written: `process.on`, `http.createServer().listen`; `?.` is `.`, and `!` is left out. */
  readonly callee: string;
  readonly isNew: boolean;
  readonly args: readonly Tree[];
  /** From the callee to the closing bracket. */
  readonly spot: Spot;
}

const NO_CALLS = new Set(
  (
    "if for while switch with catch function return typeof await super import constructor new throw delete void " +
    "case else do in instanceof yield extends default export"
  ).split(" "),
);

export function readCalls(program: Program): Call[] {
  const openers = invert(program.pairs);
  return program.tokens.flatMap(({ kind, text }, index) => {
    if (kind !== "sign" || text !== "(") return [];
    const chain = chainBefore(program, skipArguments(program, index), openers);
    if (chain === undefined || NO_CALLS.has(chain.text)) return [];
    const close = program.pairs.get(index) ?? index;
    const before = wordAt(program, chain.first - 1);
    if (before === "function" || isDefinition(program, close)) return [];
    return [
      new LazyCall(program, {
        callee: chain.text,
        isNew: before === "new",
        first: chain.first,
        open: index,
        close,
      }),
    ];
  });
}

/** `stop() {` and `async () =>` are no calls, but definitions. */
function isDefinition(program: Program, close: number): boolean {
  const after = wordAt(program, close + 1);
  if (after !== "{") return after === "=>";
  const [end, start] = [program.tokens[close]?.end, program.tokens[close + 1]?.start];
  return !program.source.text.slice(end, start).includes("\n");
}

/** Before the types of `f<T>(…)`, where there are any. */
function skipArguments(program: Program, open: number): number {
  let depth = 0;
  for (let at = open - 1; at > open - TYPES; at -= 1) {
    const word = wordAt(program, at);
    if (program.tokens[at]?.kind === "number" || NO_TYPES.has(word ?? "")) return open;
    if (word === "<") depth -= 1;
    else if (word !== undefined && /^>+$/.test(word)) depth += word.length;
    if (depth <= 0) return depth === 0 && at < open - 1 ? at : open;
  }
  return open;
}

// Types of arguments have fewer words; what looks so and has more is a comparison.
const TYPES = 100;

// What stands in a comparison, and not among types.
const NO_TYPES = new Set(["&&", "||", "??", "+", "*", "=", ";"]);

interface Found {
  readonly callee: string;
  readonly isNew: boolean;
  readonly first: number;
  readonly open: number;
  readonly close: number;
}

/** Most calls of a file are of no interest: their arguments are read when they are asked for. */
class LazyCall implements Call {
  readonly callee: string;
  readonly isNew: boolean;
  readonly #program: Program;
  readonly #found: Found;
  #args: readonly Tree[] | undefined;

  constructor(program: Program, found: Found) {
    this.callee = found.callee;
    this.isNew = found.isNew;
    this.#program = program;
    this.#found = found;
  }

  get args(): readonly Tree[] {
    this.#args ??= evaluateList(this.#program, this.#found.open);
    return this.#args;
  }

  get spot(): Spot {
    const { tokens, source } = this.#program;
    const start = tokens[this.#found.first]?.start ?? 0;
    return source.spot(start, tokens[this.#found.close]?.end ?? start);
  }
}
