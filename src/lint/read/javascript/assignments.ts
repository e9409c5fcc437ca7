import type { Spot } from "../../source/source.js";
import type { Tree } from "../../source/tree.js";
import { chainBefore, invert } from "./chain.js";
import { evaluate } from "./evaluate.js";
import { type Program, wordAt } from "./program.js";

/** A value given to a name or a member, or exported as the default. */
export interface Assignment {
  /** `server.keepAliveTimeout`, `module.exports`, `export default`. */
  readonly target: string;
  readonly value: Tree;
  /** Of the target and the value. */
  readonly spot: Spot;
}

export function readAssignments(program: Program): Assignment[] {
  const openers = invert(program.pairs);
  return program.tokens.flatMap(({ kind, text }, index) => {
    if (kind === "name" && text === "default" && wordAt(program, index - 1) === "export") {
      return [readAssignment(program, "export default", index - 1, index + 1)];
    }
    if (kind !== "sign" || text !== "=") return [];
    const chain = chainBefore(program, index, openers);
    if (chain === undefined) return [];
    return [readAssignment(program, chain.text, chain.first, index + 1)];
  });
}

function readAssignment(program: Program, target: string, first: number, from: number): Assignment {
  let read: Tree | undefined;
  return {
    target,
    // Few of them are asked for.
    get value() {
      read ??= evaluate(program, from);
      return read;
    },
    get spot() {
      const { end } = this.value.spot;
      const start = program.tokens[first]?.start ?? end;
      return program.source.spot(start, Math.max(start, end));
    },
  };
}
