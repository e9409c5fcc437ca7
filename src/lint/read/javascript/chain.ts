import { type Program, wordAt } from "./program.js";

/** A name with its members, as it is written: `process.on`, `http.createServer().listen`. */
export interface Chain {
  readonly text: string;
  /** The index of its first token. */
  readonly first: number;
}

// Longer chains are written by builders of queries, not of servers.
const PARTS = 30;

/** The chain that ends before this token; undefined where none does. `openers` has the opening bracket of a closing one. */
export function chainBefore(
  program: Program,
  index: number,
  openers: ReadonlyMap<number, number>,
): Chain | undefined {
  const parts: string[] = [];
  let at = index - 1;
  for (let count = 0; count < PARTS; count += 1) {
    while (wordAt(program, at) === "!" || wordAt(program, at) === "?.") at -= 1;
    const word = wordAt(program, at);
    if (word === undefined) return undefined;
    if (word === ")" || word === "]") {
      const open = openers.get(at);
      if (open === undefined) return undefined;
      parts.unshift(word === ")" ? "()" : "[]");
      at = open - 1;
      continue;
    }
    if (program.tokens[at]?.kind !== "name") return undefined;
    parts.unshift(word);
    const before = wordAt(program, at - 1);
    if (before !== "." && before !== "?.") return { text: parts.join(""), first: at };
    parts.unshift(".");
    at -= 2;
  }
  return undefined;
}

/** The opening bracket of each closing one. */
export function invert(pairs: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  return new Map([...pairs].map(([open, close]) => [close, open]));
}
