// dockerfile/: the instructions of a Dockerfile: joined lines, flags, words, the exec form or why it is none.
import type { Read, Source, Spot } from "../../source/source.js";
import { joinLines, spotIn, type Logical } from "./lines.js";
import { readExecForm, splitWords, type DockerWord, type ExecForm } from "./words.js";

/** One instruction. */
export interface Instruction {
  /** In capitals. */
  readonly keyword: string;
  readonly flags: readonly DockerWord[];
  /** What follows keyword and flags, between blanks. */
  readonly words: readonly DockerWord[];
  /** The same as one text, without continuations. */
  readonly text: string;
  readonly textSpot: Spot;
  /** Of what begins with a bracket. */
  readonly exec: ExecForm | null;
  readonly heredocs: readonly string[];
  /** From the keyword to its last line. */
  readonly spot: Spot;
}

/** Reads a Dockerfile. What is no instruction is a problem; the lines around it are read anyway. */
export function readDockerfile(source: Source): Read<readonly Instruction[]> {
  const logicals = joinLines(source);
  const value = logicals.flatMap((logical) => toInstruction(source, logical) ?? []);
  const problems = logicals
    .filter(({ text }) => HEAD.exec(text) === null)
    .map(({ start, end }) => ({ spot: source.spot(start, end), what: "this is no instruction" }));
  return { value, problems };
}

const HEAD = /^\s*([A-Za-z]+)(?:\s+|$)/;
const FLAG = /^--[a-z][a-z-]*(?:=|$)/;

function toInstruction(source: Source, logical: Logical): Instruction | undefined {
  const head = HEAD.exec(logical.text);
  if (head === null) return undefined;
  const all = splitWords(source, logical, head[0].length);
  const count = all.findIndex(({ text }) => !FLAG.test(text));
  const flags = all.slice(0, count === -1 ? all.length : count);
  const words = all.slice(flags.length);
  const from = offsetBehind(logical, head[0].length, flags.length);
  const text = logical.text.slice(from).trimEnd();
  const [start, end] = [logical.text.length - logical.text.trimStart().length, logical.text.length];
  const whole = spotIn(source, logical, start, end);
  return {
    keyword: (head[1] ?? "").toUpperCase(),
    flags,
    words,
    text,
    textSpot: spotIn(source, logical, from, from + text.length),
    exec: text.startsWith("[") ? readExecForm(source, logical, from) : null,
    heredocs: logical.heredocs,
    spot: source.spot(whole.start, logical.end),
  };
}

/** Where the text begins that follows so many flags. */
function offsetBehind({ text }: Logical, from: number, flags: number): number {
  let at = from;
  for (let left = flags; left > 0; left -= 1) at += /^\S+\s*/.exec(text.slice(at))?.[0].length ?? 0;
  return at;
}
