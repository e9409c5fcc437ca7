import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { CannotRunError } from "./errors.js";
import { listGroup, signalGroup, untilGroupGone } from "./group.js";
import { now } from "./now.js";

/** How the started process ended. `at` is `now()`. */
export interface ServiceExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly at: number;
}

const LAST_WORDS_MS = 500;
const OUTPUT_LINES = 20;
const OUTPUT_CHARS = 8_192;

/** The service under test: a process at the head of its own group. */
export class Service {
  readonly command: readonly string[];
  readonly generation: number;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the started process has ended; its group may live on. */
  readonly exit: Promise<ServiceExit>;
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  #output = "";

  constructor(
    command: readonly string[],
    target: { generation: number; port: number },
    child: ChildProcess,
  ) {
    this.command = command;
    this.generation = target.generation;
    this.port = target.port;
    this.pid = child.pid ?? 0;
    this.#process = child;
    this.exit = watch(child);
    this.#closed = once(child, "close");
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output = (this.#output + text).slice(-OUTPUT_CHARS);
      });
    }
  }

  get hasExited(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Signals the started process alone, as a container runtime signals its first process. */
  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Ends whatever is left of its group. Resolves when all of it has gone. */
  async kill(): Promise<void> {
    if (!this.hasExited || listGroup(this.pid).length > 0) signalGroup(this.pid, "SIGKILL");
    await this.exit;
    await untilGroupGone(this.pid);
    // An orphan may hold the pipes open; nobody reads them any more.
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
  }

  /** Resolves when its last words have been read; an orphan that holds the pipes is not waited for. */
  async outputEnd(): Promise<void> {
    await Promise.race([this.#closed, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
  }

  /** The last lines it wrote, to stdout or stderr. */
  lastOutput(): string {
    return this.#output.trimEnd().split("\n").slice(-OUTPUT_LINES).join("\n");
  }
}

/** Starts a generation of the service. Throws PROVE_CANNOT_START when there is no such command. */
export async function startService(
  command: readonly string[],
  target: { generation: number; port: number },
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<Service> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    detached: true,
    env: { ...env, PORT: String(target.port) },
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
  return new Service(command, target, child);
}

async function watch(child: ChildProcess): Promise<ServiceExit> {
  // "exit" and not "close": an orphan that inherited stdout would hold "close" back.
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return { code, signal, at: now() };
}
