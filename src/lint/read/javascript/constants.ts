import type { Token } from "./token.js";

const ASSIGNMENTS = new Set(["=", "+=", "-=", "*=", "/=", "||=", "&&=", "??=", "++", "--"]);
const STATEMENTS = new Set(["if", "for", "while", "switch", "with"]);

/**
 * The constants of a file that are always what they begin as, by name: the index of their value's first token. One that is
 * bound twice, under whatever scope, or that anything changes, is left out.
 */
export function findConstants(
  tokens: readonly Token[],
  pairs: ReadonlyMap<number, number>,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const unsure = findParameters(tokens, pairs);
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind !== "name") continue;
    const isBinding =
      ["const", "let", "var", "function", "class", "enum"].includes(text) &&
      !isMember(tokens, index);
    const name = tokens[index + 1];
    if (isBinding && name?.kind === "name") {
      const value = text === "const" ? findValue(tokens, index + 2) : undefined;
      if (value === undefined || found.has(name.text)) unsure.add(name.text);
      else found.set(name.text, value);
    } else if (isBinding && (name?.text === "{" || name?.text === "[")) {
      for (const each of namesWithin(tokens, index + 1, pairs)) unsure.add(each);
    } else if (!isMember(tokens, index) && isChanged(tokens, pairs, index)) unsure.add(text);
  }
  for (const name of unsure) found.delete(name);
  return found;
}

function isMember(tokens: readonly Token[], index: number): boolean {
  return [".", "?."].includes(tokens[index - 1]?.text ?? "");
}

/** Behind the name, and behind its type if it has one. */
function findValue(tokens: readonly Token[], index: number): number | undefined {
  if (tokens[index]?.text === "=") return index + 1;
  if (tokens[index]?.text !== ":") return undefined;
  // A type longer than this is no type of a number or of options.
  for (let at = index; at < index + 40; at += 1) {
    const text = tokens[at]?.text;
    if (text === "=") return at + 1;
    if (text === ";" || text === undefined) return undefined;
  }
  return undefined;
}

/** The names of all parameters: they hide constants of the same name. */
function findParameters(tokens: readonly Token[], pairs: ReadonlyMap<number, number>): Set<string> {
  const names = new Set<string>();
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind === "name" && tokens[index + 1]?.text === "=>") names.add(text);
    if (text !== "(" || kind !== "sign") continue;
    const end = pairs.get(index) ?? index;
    const after = tokens[end + 1]?.text;
    const isHead = after === "=>" || after === "{" || after === ":";
    if (!isHead || STATEMENTS.has(tokens[index - 1]?.text ?? "")) continue;
    for (const each of namesWithin(tokens, index, pairs)) names.add(each);
  }
  return names;
}

function namesWithin(
  tokens: readonly Token[],
  open: number,
  pairs: ReadonlyMap<number, number>,
): string[] {
  const inside = tokens.slice(open + 1, pairs.get(open) ?? open);
  return inside.flatMap(({ kind, text }) => (kind === "name" ? [text] : []));
}

/** Whether what is here is given another value, or a part of it is, or a method of it is called. */
function isChanged(
  tokens: readonly Token[],
  pairs: ReadonlyMap<number, number>,
  index: number,
): boolean {
  const before = tokens[index - 1]?.text ?? "";
  if (before === "delete" || before === "++" || before === "--") return true;
  if (before === "(" && tokens[index - 2]?.text === "assign") return true;
  let at = index + 1;
  for (let parts = 0; parts < 10; parts += 1) {
    const text = tokens[at]?.text ?? "";
    if (text === "." || text === "?.") at += 2;
    else if (text === "[") at = (pairs.get(at) ?? at) + 1;
    else break;
    if (tokens[at]?.text === "(") return true;
  }
  const isDeclared = ["const", "let", "var"].includes(before);
  return !isDeclared && ASSIGNMENTS.has(tokens[at]?.text ?? "");
}
