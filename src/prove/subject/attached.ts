import { setTimeout as sleep } from "node:timers/promises";
import { CannotRunError } from "../facts/errors.js";
import type { Orphans, ProcessInfo } from "../facts/result.js";
import type { SubjectExit } from "../facts/stop.js";
import { describeProcess, listDescendants, startTimeOf } from "../machine/group.js";
import { UNWATCHED, watchListener, type ListenerWatch } from "../machine/listener.js";
import { addressOf, findHolds, isOwner, listListening, placeAt } from "../machine/listening.js";
import { now } from "../machine/now.js";
import type { Address } from "../request/address.js";
import { isLocal } from "./local.js";
import type { StopCommand } from "./stop-command.js";
import { listPids, type Subject } from "./subject.js";

const LOOK_MS = 10;
const ORPHAN_MS = 500;

/** A process that is running already, and how it is told to stop. */
export interface AttachOptions {
  readonly pid: number;
  readonly address: Address;
  readonly signal: NodeJS.Signals;
  /** In place of the signal; null for none. */
  readonly stopCommand: StopCommand | null;
  /** Whether it may be ended with SIGKILL. */
  readonly mayKill: boolean;
}

/** A service that was running before: a process that is no child here. */
export class Attached implements Subject {
  readonly generation = 0;
  readonly name: string;
  readonly address: Address;
  readonly pid: number;
  readonly started = null;
  readonly exit: Promise<SubjectExit>;
  readonly #options: AttachOptions;
  readonly #isWatchable: boolean;
  /** Those it had when it was told to stop: a supervisor may have started others since. */
  #descendants: readonly (readonly [ProcessInfo, number | undefined])[] = [];
  #hasExited = false;
  #isClosed = false;

  constructor(options: AttachOptions, isWatchable: boolean) {
    const command = describeProcess(options.pid);
    this.name = `process ${String(options.pid)}${command === "" ? "" : ` (${command})`}`;
    this.pid = options.pid;
    this.address = options.address;
    this.#options = options;
    this.#isWatchable = isWatchable;
    this.exit = this.#watch();
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  untilEnded(): Promise<SubjectExit> {
    return this.exit;
  }

  async tell(): Promise<void> {
    this.#descendants = this.listOthers().map((info) => [info, startTimeOf(info.pid)]);
    const { stopCommand, signal } = this.#options;
    if (stopCommand === null) signalProcess(this.pid, signal);
    else await stopCommand.run();
  }

  watchListener(): ListenerWatch {
    return this.#isWatchable ? watchListener(placeAt(this.address), listPids(this)) : UNWATCHED;
  }

  hasListener(): Promise<boolean | null> {
    return this.#isWatchable ? isOwner(this.pid, placeAt(this.address)) : Promise.resolve(null);
  }

  listOthers(): ProcessInfo[] {
    return listDescendants(this.pid);
  }

  async findOrphans(): Promise<Orphans | null> {
    const patience = now() + ORPHAN_MS;
    for (;;) {
      const left = this.#descendants
        .filter(([{ pid }, startedAt]) => startedAt !== undefined && startTimeOf(pid) === startedAt)
        .map(([info]) => info);
      if (left.length === 0) return null;
      if (now() > patience) {
        const pids = left.map(({ pid }) => pid);
        const holds = await findHolds(placeAt(this.address), pids);
        const isServing = holds.some(({ pid }) => pids.includes(pid));
        return { started: { pid: this.pid, command: this.name }, left, isServing };
      }
      await sleep(LOOK_MS);
    }
  }

  async kill(): Promise<boolean> {
    if (!this.#options.mayKill) return false;
    signalProcess(this.pid, "SIGKILL");
    await this.exit;
    return true;
  }

  /** It was not started here, and is not ended here. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#options.stopCommand?.close();
  }

  explainExit(): Promise<string> {
    return Promise.resolve(`${this.name} ended before it was told to`);
  }

  lastWords(): Promise<null> {
    return Promise.resolve(null);
  }

  describeOutput(): Promise<string> {
    return Promise.resolve("");
  }

  async #watch(): Promise<SubjectExit> {
    const startedAt = startTimeOf(this.pid);
    while (startTimeOf(this.pid) === startedAt) {
      await sleep(LOOK_MS, undefined, { ref: false });
      if (this.#isClosed) return new Promise(() => {});
    }
    this.#hasExited = true;
    return { code: null, signal: null, at: now() };
  }
}

/** Takes a running process as the service. Throws PROVE_CANNOT_START when there is none. */
export async function attach(options: AttachOptions): Promise<Attached> {
  const { pid, address } = options;
  refuseUnusable(pid);
  return new Attached(options, await isLocal(address));
}

/** Finds where a process listens. Throws PROVE_CANNOT_START unless it is exactly one port. */
export async function findAddress(pid: number): Promise<Address> {
  refuseUnusable(pid);
  const others = listDescendants(pid).map((info) => info.pid);
  const ports = await listListening([pid, ...others]);
  const [only] = ports;
  if (only !== undefined && ports.length === 1) return addressOf(only);
  const list = ports.map(({ port }) => String(port));
  const why =
    list.length === 0
      ? "listens on no port that can be seen: say where with --url or --port"
      : `listens on ${list.join(" and ")}: pass ${list.map((port) => `--port ${port}`).join(" or ")}`;
  throw new CannotRunError("PROVE_CANNOT_START", `process ${String(pid)} ${why}`);
}

function refuseUnusable(pid: number): void {
  const isOwn = pid === process.pid;
  if (startTimeOf(pid) !== undefined && !isOwn) return;
  const why = isOwn ? "is the prover itself" : "does not exist";
  throw new CannotRunError("PROVE_CANNOT_START", `process ${String(pid)} ${why}`);
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It may have gone in this very moment; what watches it sees that.
    if (code === "ESRCH") return;
    const why = code === "EPERM" ? "it belongs to another user" : String(code);
    const text = `cannot send ${signal} to process ${String(pid)}: ${why}`;
    throw new CannotRunError("PROVE_STOP_FAILED", text, { cause: error });
  }
}
