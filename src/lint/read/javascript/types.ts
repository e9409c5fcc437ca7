import type { Program } from "./program.js";
import type { Token } from "./token.js";

/** Moves behind what TypeScript adds to an expression: `as const`, `satisfies Options`, `!`. */
export function skipType(program: Program, index: number): number {
  let next = index;
  for (;;) {
    const text = program.tokens[next]?.text;
    if (text === "!" && program.tokens[next]?.kind === "sign") next += 1;
    else if (text === "as" || text === "satisfies") next = skipUnion(program, next + 1);
    else return next;
  }
}

function skipUnion(program: Program, index: number): number {
  let next = skipOne(program, index);
  while (["|", "&"].includes(program.tokens[next]?.text ?? "")) next = skipOne(program, next + 1);
  return next;
}

function skipOne({ tokens, pairs }: Program, index: number): number {
  let next = index;
  if (tokens[next]?.text === "readonly" || tokens[next]?.text === "typeof") next += 1;
  next = (pairs.get(next) ?? next) + 1;
  while (tokens[next]?.text === ".") next += 2;
  if (tokens[next]?.text === "<") next = skipArguments(tokens, next);
  while (tokens[next]?.text === "[") next = (pairs.get(next) ?? next) + 1;
  return next;
}

function skipArguments(tokens: readonly Token[], index: number): number {
  let depth = 0;
  for (let next = index; next < tokens.length; next += 1) {
    const text = tokens[next]?.text ?? "";
    if (text === "<") depth += 1;
    else if (/^>+$/.test(text)) depth -= text.length;
    else if (text === ";") return next;
    if (depth <= 0) return next + 1;
  }
  return tokens.length;
}
