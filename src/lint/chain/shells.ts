import type { Word } from "../model/command.js";
import { parseShell, type ShellCommand, type ShellScript } from "../read/shell/parse.js";
import type { Source, Spot } from "../source/source.js";
import type { ShellLink, Surroundings } from "./link.js";

/** A shell, and what it starts last. */
export interface Opened {
  readonly link: ShellLink;
  /** Null where that cannot be known. */
  readonly last: readonly Word[] | null;
  readonly isDetached: boolean;
}

/** How it was started. */
export interface Opening {
  readonly name: string;
  readonly spot: Spot;
  readonly form: ShellLink["form"];
  /** Its arguments: `"$@"` is them. */
  readonly rest: readonly Word[];
}

/** Reads a script. `source` is its file, where it has one: then the words have places of their own. */
export function readShell(
  text: Word,
  opening: Opening,
  surroundings: Surroundings,
  source?: Source,
): Opened {
  const { name, spot, form, rest } = opening;
  const script = parseShell(text.text);
  const shell = kindOf(name, surroundings);
  const last = script.isUnderstood ? findLast(script) : undefined;
  const isCompound = script.commands.length !== 1 || form === "file";
  const stays =
    last === undefined || isCleared(script)
      ? null
      : isStaying(script, last, form, isCompound, shell);
  const link: ShellLink = { kind: "shell", name, spot, form, script, isCompound, stays, shell };
  if (last === undefined || isCleared(script)) return { link, last: null, isDetached: false };
  const words = toWords(last, text, rest, source);
  return { link, last: words, isDetached: last.next === "&" || isBackground(script) };
}

/** The command that the script ends in; undefined where it ends in a loop, a function or an assignment. */
function findLast({ commands }: ShellScript): ShellCommand | undefined {
  const last = commands.at(-1);
  return last === undefined || last.depth > 0 || last.words.length === 0 ? undefined : last;
}

/** It listens itself, and waits: what it does then is its own affair. */
function isCleared({ commands }: ShellScript): boolean {
  return commands.some(({ words }) => words[0]?.text === "trap");
}

/** `exec` puts the program in the shell's place; bash and busybox do so with a single command anyway. */
function isStaying(
  { commands }: ShellScript,
  { isExec, next }: ShellCommand,
  form: ShellLink["form"],
  isCompound: boolean,
  shell: ShellLink["shell"],
): boolean | null {
  // The parts of a pipe are processes of their own.
  if (next === "|" || next === "&" || commands.at(-2)?.next === "|") return true;
  if (isExec) return false;
  // Of a script that is a file no shell replaces itself by the last command: it reads on.
  if (shell === "dash" || form === "file") return true;
  // The last command of a list too: `a && b` and `a; b`. test/lint/shells.test.ts measures it.
  if (shell === "busybox") return false;
  // bash does so from 5.1 on with a list, and ever since with a single command.
  return shell === "bash" && !isCompound ? false : null;
}

function kindOf(name: string, { shell }: Surroundings): ShellLink["shell"] {
  if (name === "bash") return "bash";
  if (name === "dash") return "dash";
  if (name === "ash") return "busybox";
  return shell;
}

function isBackground({ commands }: ShellScript): boolean {
  return commands.some(({ next, depth }) => next === "&" && depth === 0);
}

function toWords(
  { words }: ShellCommand,
  text: Word,
  rest: readonly Word[],
  source: Source | undefined,
): Word[] {
  return words.flatMap((word): readonly Word[] => {
    if (word.text === "$@" || word.text === "$*") return rest;
    const spot = source === undefined ? text.spot : source.spot(word.start, word.end);
    return [
      { text: word.isLiteral || word.text.includes("$") ? word.text : `$${word.text}`, spot },
    ];
  });
}
