import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Address } from "../address.js";
import { isListening } from "../answer.js";
import { CannotRunError } from "../errors.js";
import { listGroup, signalGroup, untilGroupGone, type ProcessInfo } from "../group.js";
import { watchListener, type ListenerWatch } from "../listener.js";
import { now } from "../now.js";
import type { Orphans } from "../result.js";
import { describeOutput, OutputTail } from "./output.js";
import type { Subject, SubjectExit } from "./subject.js";

const LAST_WORDS_MS = 500;
// A parent may rightly leave a moment before its children have gone.
const ORPHAN_MS = 500;
const ORPHAN_LOOK_MS = 20;

/** A generation of a service, and how it is told to stop. */
export interface SpawnOptions {
  readonly command: readonly string[];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly generation: number;
  readonly address: Address;
  readonly signal: NodeJS.Signals;
}

/** A service that was started here: a process at the head of its own group. */
export class Spawned implements Subject {
  readonly generation: number;
  readonly name: string;
  readonly address: Address;
  readonly pid: number;
  readonly exit: Promise<SubjectExit>;
  readonly #process: ChildProcess;
  readonly #signal: NodeJS.Signals;
  readonly #closed: Promise<unknown>;
  readonly #output: OutputTail;

  constructor({ command, generation, address, signal }: SpawnOptions, child: ChildProcess) {
    this.name = command.join(" ");
    this.generation = generation;
    this.address = address;
    this.pid = child.pid ?? 0;
    this.exit = watch(child);
    this.#process = child;
    this.#signal = signal;
    this.#closed = once(child, "close");
    this.#output = new OutputTail([child.stdout, child.stderr]);
  }

  get ownGroup(): number {
    return this.pid;
  }

  get hasExited(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Signals the started process alone, as a container runtime signals its first process. */
  tell(): Promise<void> {
    this.#process.kill(this.#signal);
    return Promise.resolve();
  }

  watchListener(): ListenerWatch {
    return watchListener(this.address.port);
  }

  listOthers(): ProcessInfo[] {
    return listGroup(this.pid).filter(({ pid }) => pid !== this.pid);
  }

  /**
   * A wrapper such as `sh -c "node server.js"` ends at the signal and passes nothing on: the server
   * never learns that it should stop.
   */
  async findOrphans(): Promise<Orphans | null> {
    const started = { pid: this.pid, command: this.name };
    const patience = now() + ORPHAN_MS;
    for (;;) {
      const left = listGroup(this.pid);
      const isServing = await isListening(this.address);
      if (left.length === 0 && !isServing) return null;
      if (now() > patience) return { started, left, isServing };
      await sleep(ORPHAN_LOOK_MS);
    }
  }

  async kill(): Promise<boolean> {
    await this.close();
    return true;
  }

  /** Ends whatever is left of its group. Resolves when all of it has gone. */
  async close(): Promise<void> {
    if (!this.hasExited || listGroup(this.pid).length > 0) signalGroup(this.pid, "SIGKILL");
    await this.exit;
    await untilGroupGone(this.pid);
    // An orphan may hold the pipes open; nobody reads them any more.
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
  }

  /** An orphan that holds the pipes open is not waited for. */
  async describeOutput(): Promise<string> {
    if (this.hasExited) {
      await Promise.race([this.#closed, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    }
    return describeOutput(this.#output.text());
  }
}

/** Starts a generation of the service. Throws PROVE_CANNOT_START when there is no such command. */
export async function startSpawned(options: SpawnOptions): Promise<Spawned> {
  const [file = "", ...args] = options.command;
  const child = spawn(file, args, {
    detached: true,
    env: { ...options.env, PORT: String(options.address.port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    await once(child, "spawn");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such command" : String(code);
    throw new CannotRunError("PROVE_CANNOT_START", `cannot start \`${file}\`: ${why}`, {
      cause: error,
    });
  }
  return new Spawned(options, child);
}

async function watch(child: ChildProcess): Promise<SubjectExit> {
  // "exit" and not "close": an orphan that inherited stdout would hold "close" back.
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return { code, signal, at: now() };
}
