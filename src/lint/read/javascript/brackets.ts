import type { Token } from "./token.js";

const CLOSERS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** For each opening bracket, by its index, the index of the one that closes it; where none does, the last token's. */
export function pairBrackets(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  const open: { index: number; closer: string }[] = [];
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind !== "sign") continue;
    const closer = CLOSERS[text];
    if (closer !== undefined) open.push({ index, closer });
    else if (open.at(-1)?.closer === text) pairs.set(open.pop()?.index ?? index, index);
  }
  for (const { index } of open) pairs.set(index, tokens.length - 1);
  return pairs;
}
