import type { Source } from "../../source/source.js";
import type { Tree } from "../../source/tree.js";
import { pairBrackets } from "./brackets.js";
import { findConstants } from "./constants.js";
import type { Token } from "./token.js";
import { readTokens } from "./tokens.js";

/** The value of a constant. */
interface Known {
  readonly tree: Tree;
  /** Of how many values it is made. */
  readonly size: number;
}

/** A file as its tokens. */
export interface Program {
  readonly source: Source;
  readonly tokens: readonly Token[];
  /** The index of the closing bracket for that of the opening one. */
  readonly pairs: ReadonlyMap<number, number>;
  /** The index of a constant's value, for the constants that are always what they begin as. */
  readonly constants: ReadonlyMap<string, number>;
  /** The values of constants that were asked for, by the index of their first token. */
  readonly known: Map<number, Known>;
}

export function readProgram(source: Source): Program {
  const tokens = readTokens(source.text);
  const pairs = pairBrackets(tokens);
  return { source, tokens, pairs, constants: findConstants(tokens, pairs), known: new Map() };
}

/** The word or sign here; undefined for strings, numbers, and behind the end. */
export function wordAt({ tokens }: Program, index: number): string | undefined {
  const token = tokens[index];
  return token?.kind === "name" || token?.kind === "sign" ? token.text : undefined;
}

/** What a string here says, where it is one. */
export function stringAt({ tokens }: Program, index: number): string | undefined {
  const token = tokens[index];
  return token?.kind === "string" || token?.kind === "template" ? token.value : undefined;
}
