/**
 * npm starts a program through a shell. It passes a signal on to that, the shell dies, and the program is never told. Where a
 * script's last command is a plain one, the shell becomes the program, as if the script said `exec`. Others are left alone: pnpm
 * finds the program itself, and Yarn 1 passes nothing on.
 *
 * @module
 */
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";

/** As they stand in `process.argv`, which names the link that was followed. */
const NPM = /[\\/](?:npm|npx|npm-cli\.js|npx-cli\.js)$/;
const SHELL = /(?:^|\/)(?:sh|ash|dash|bash)$/;

/** A word without operators, substitutions of commands and comments. */
const WORD = String.raw`(?:[^\s'"\x60;&|<>(){}#!$\\]|\\.|\$\w|\$\{\w+\}|'[^']*'|"(?:[^"\x60$\\]|\\.|\$\w|\$\{\w+\})*")+`;
/** Its variables are words, too: told apart here they could be read in many ways. */
const COMMAND = String.raw`${WORD}(?:\s+${WORD})*`;
/** Commands that follow each other where each succeeds: what is before the last, its variables, and its words. */
const SCRIPT = new RegExp(
  String.raw`^\s*((?:${COMMAND}\s*&&\s*)*)((?:\w+=${WORD}\s+)*)(([\w@./-]+)(?:\s+${WORD})*)\s*$`,
);

/** The script whose shell becomes its last command; the same script where that cannot be told, or is the shell's own. */
export function execLast(script: string, isProgram: (name: string) => boolean): string {
  const [, before, variables, command, name] = SCRIPT.exec(script) ?? [];
  if (name === undefined || !isProgram(name)) return script;
  return `${before}${variables}exec ${command}`;
}

/** What the shell does itself though there is a file of that name, too, or what is no command. */
const SHELLS_OWN = new Set(
  ". [ alias bg cd command echo eval exec exit export false fg kill printf pwd read set shift source test time true type ulimit umask unset wait".split(
    " ",
  ),
);

/** What Node's own `spawn()` is given. */
interface Spawned {
  readonly file?: unknown;
  readonly args?: readonly unknown[];
  readonly envPairs?: readonly string[];
  readonly cwd?: unknown;
}

type Spawn = (this: ChildProcess, options: Spawned) => unknown;

/** Stands before `spawn()` in npm; does nothing elsewhere. */
export function standBeforeShells(): void {
  if (!NPM.test(process.argv[1] ?? "")) return;
  const require = createRequire(import.meta.url);
  const { ChildProcess } = require("node:child_process") as typeof import("node:child_process");
  const { existsSync } = require("node:fs") as typeof import("node:fs");
  const prototype = ChildProcess.prototype as unknown as { spawn: Spawn };
  const { spawn: before } = prototype;
  prototype.spawn = function spawn(options) {
    return Reflect.apply(before, this, [replaceScript(options, existsSync)]);
  };
}

type Exists = (file: string) => boolean;

function replaceScript(options: Spawned, exists: Exists): Spawned {
  const { file, args } = options;
  if (typeof file !== "string" || !SHELL.test(file) || args?.length !== 3) return options;
  const [name, flag, script] = args;
  if (flag !== "-c" || typeof script !== "string") return options;
  const isProgram = (command: string): boolean => isFound(command, options, exists);
  return { ...options, args: [name, flag, execLast(script, isProgram)] };
}

/** Whether the shell finds a file of this name; where it does not, it says so itself. */
function isFound(command: string, { envPairs = [], cwd }: Spawned, exists: Exists): boolean {
  if (SHELLS_OWN.has(command)) return false;
  const folder = typeof cwd === "string" ? cwd : process.cwd();
  if (command.includes("/"))
    return exists(command.startsWith("/") ? command : `${folder}/${command}`);
  const folders = envPairs.find((pair) => pair.startsWith("PATH="))?.slice("PATH=".length) ?? "";
  return folders.split(":").some((each) => exists(`${each}/${command}`));
}
