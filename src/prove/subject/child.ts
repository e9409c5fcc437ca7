import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { CannotRunError } from "../facts/errors.js";
import type { ProcessInfo } from "../facts/result.js";
import type { LastWords, SubjectExit } from "../facts/stop.js";
import { endStarted, listStarted, MARK, type Started } from "../machine/group.js";
import { now } from "../machine/now.js";
import { describeOutput, OutputTail, type OnLine } from "./output.js";

const LAST_WORDS_MS = 500;

/** A command that was started here: a process at the head of its own group. */
export class Child {
  readonly pid: number;
  readonly started: Started;
  /** Resolves when the started process has ended; what it started itself may live on. */
  readonly exit: Promise<SubjectExit>;
  /** Resolves when nothing it started can write to its output any more. */
  readonly closed: Promise<unknown>;
  readonly #process: ChildProcess;
  readonly #output: OutputTail;

  constructor(child: ChildProcess, mark: string | null, onLine: OnLine = () => {}) {
    this.pid = child.pid ?? 0;
    this.started = { group: this.pid, mark };
    this.exit = watch(child);
    this.#process = child;
    this.closed = once(child, "close");
    this.#output = new OutputTail(child, onLine);
  }

  get hasExited(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Signals the started process alone. */
  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Signals it and whatever has not left its group. */
  signalGroup(name: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, name);
    } catch {
      // ESRCH: all of it has gone.
    }
  }

  /** What it started and still lives, itself included. */
  list(): ProcessInfo[] {
    return listStarted(this.started);
  }

  /** Ends it and whatever it started. Resolves when all of it has gone. */
  async close(): Promise<void> {
    await endStarted(this.started);
    await this.exit;
    this.#closePipes();
  }

  /** Ends it if it has not ended by itself, and leaves alone what it then has left running. */
  async release(): Promise<void> {
    if (this.hasExited) this.#closePipes();
    else await this.close();
  }

  /** What was left running may keep them open; they are read no more. */
  #closePipes(): void {
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
  }

  /** A sentence on its last words. */
  async describeOutput(): Promise<string> {
    await this.#outputEnd();
    return describeOutput(this.#output.text());
  }

  /** The end of what it wrote. */
  async lastWords(): Promise<LastWords> {
    await this.#outputEnd();
    return this.#output.lastWords();
  }

  /** An orphan that holds the pipes open is not waited for. */
  async #outputEnd(): Promise<void> {
    if (!this.hasExited) return;
    await Promise.race([this.closed, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
  }
}

export interface StartOptions {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Told what is started before it does anything: it must end with the prover, should that vanish. */
  readonly guard: (started: Started) => void;
  /** Told each line that it writes. */
  readonly onLine?: OnLine;
}

/** A shell command to start. */
export interface ShellOptions extends Pick<StartOptions, "env" | "guard"> {
  /** Told all that it writes to its stdout. */
  readonly onStdout?: (chunk: Buffer) => void;
}

/**
 * Starts a command without a shell, and marks what it starts as its own. Throws PROVE_CANNOT_START
 * when there is no such command.
 */
export async function startChild(
  command: readonly string[],
  { env, guard, onLine }: StartOptions,
): Promise<Child> {
  const mark = randomUUID();
  // Its group has no number yet.
  guard({ group: null, mark });
  const child = launch(command, { ...env, [MARK]: mark });
  if (child.pid !== undefined) guard({ group: child.pid, mark });
  return untilSpawned(child, mark, onLine);
}

/** Runs the command in `$1`, once a line has come on descriptor 3. */
const GATED = 'read -r _ <&3 && exec sh -c "$1" 3<&-';

/**
 * Starts a shell command. What it starts in the background may stay, that is what it is for, so nothing
 * bears a mark: it begins only when its group is guarded, and never when the prover has vanished by then.
 */
export async function startShell(
  text: string,
  { env, guard, onStdout }: ShellOptions,
): Promise<Child> {
  const child = launch(["sh", "-c", GATED, "sh", text], env, ["pipe"]);
  if (child.pid !== undefined) guard({ group: child.pid, mark: null });
  if (onStdout !== undefined) child.stdout?.on("data", onStdout);
  const gate = child.stdio[3] as Writable;
  // A shell that could not be started reads nothing.
  gate.on("error", () => {}).end("\n");
  return untilSpawned(child, null);
}

function launch(
  [file = "", ...args]: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
  more: readonly "pipe"[] = [],
): ChildProcess {
  return spawn(file, args, { detached: true, env, stdio: ["ignore", "pipe", "pipe", ...more] });
}

async function untilSpawned(
  child: ChildProcess,
  mark: string | null,
  onLine?: OnLine,
): Promise<Child> {
  try {
    await once(child, "spawn");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such command" : String(code);
    const text = `cannot start \`${child.spawnfile}\`: ${why}`;
    throw new CannotRunError("PROVE_CANNOT_START", text, { cause: error });
  }
  return new Child(child, mark, onLine);
}

/** The shell's own words for a command it cannot find or run. */
const CANNOT_RUN: ReadonlySet<number | null> = new Set([126, 127]);

/** Whether a shell command never ran at all. */
export function hasNotRun({ code }: SubjectExit): boolean {
  return CANNOT_RUN.has(code);
}

async function watch(child: ChildProcess): Promise<SubjectExit> {
  // "exit" and not "close": an orphan that inherited stdout would hold "close" back.
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return { code, signal, at: now() };
}
