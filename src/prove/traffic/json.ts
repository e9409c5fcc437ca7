import { TrafficError } from "./traffic.js";

/** Reads JSON. Throws a TrafficError with the line of the first fault. */
export function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { at, what } = findFault(text);
    throw new TrafficError(file, lineAt(text, at), `Expected JSON, got ${what}`);
  }
}

/** The line of an offset, from 1. */
function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1))
    line += 1;
  return line;
}

// Punctuation; a string; another scalar. RFC 8259 §6, §7.
const TOKEN =
  /\s*(?:([{}[\],:])|("(?:[^"\\\t\r\n]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.]))/uy;

/** What may come next: a value, a name, what follows either, or nothing. */
type Wanted = "value" | "value or ]" | "name" | "name or }" | ":" | ", or the end" | "end";

/**
 * Where text ceases to be JSON. Node's own messages name a position only sometimes, and each version
 * words them differently.
 */
function findFault(text: string): { at: number; what: string } {
  const open: ("{" | "[")[] = [];
  let wanted: Wanted = "value";
  TOKEN.lastIndex = 0;
  for (;;) {
    const from: number = TOKEN.lastIndex;
    const [, mark, string, scalar] = TOKEN.exec(text) ?? [];
    const token = mark ?? string ?? scalar;
    const next: Wanted | undefined =
      token === undefined ? undefined : step(wanted, { mark, string }, open);
    if (next === undefined) return { at: skipSpace(text, from), what: describe(text, from) };
    wanted = next;
  }
}

function step(
  wanted: Wanted,
  { mark, string }: { mark: string | undefined; string: string | undefined },
  open: ("{" | "[")[],
): Wanted | undefined {
  if (mark === undefined) {
    if (wanted.startsWith("name")) return string === undefined ? undefined : ":";
    return wanted.startsWith("value") ? after(open) : undefined;
  }
  if (mark === ":") return wanted === ":" ? "value" : undefined;
  if (mark === ",") {
    if (wanted !== ", or the end") return undefined;
    return open.at(-1) === "{" ? "name" : "value";
  }
  if (mark === "{" || mark === "[") {
    if (!wanted.startsWith("value")) return undefined;
    open.push(mark);
    return mark === "{" ? "name or }" : "value or ]";
  }
  const isEmpty = wanted === "name or }" || wanted === "value or ]";
  const isOwn = open.at(-1) === (mark === "}" ? "{" : "[");
  if (!isOwn || !(isEmpty || wanted === ", or the end")) return undefined;
  open.pop();
  return after(open);
}

function after(open: readonly string[]): Wanted {
  return open.length === 0 ? "end" : ", or the end";
}

function skipSpace(text: string, from: number): number {
  const space = /\s*/uy;
  space.lastIndex = from;
  space.exec(text);
  return space.lastIndex;
}

const SHOWN = 20;

function describe(text: string, from: number): string {
  const at = skipSpace(text, from);
  if (at >= text.length) return "the end of the file too early";
  const line = text.slice(at, at + SHOWN).split("\n")[0] ?? "";
  return `\`${line.trimEnd()}\``;
}
