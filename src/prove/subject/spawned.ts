import { setTimeout as sleep } from "node:timers/promises";
import { CannotRunError } from "../facts/errors.js";
import type { Orphans, ProcessInfo } from "../facts/result.js";
import type { LastWords, SubjectExit } from "../facts/stop.js";
import { describeProcess, endProcess, startTimeOf, type Started } from "../machine/group.js";
import { watchListener, type ListenerWatch } from "../machine/listener.js";
import { findOwners, isOwner, placeAt } from "../machine/listening.js";
import { asPid1, findPid1, findPid1Fault } from "../machine/pid1.js";
import { now } from "../machine/now.js";
import { portOf, type Address } from "../request/address.js";
import { isListening } from "./answer.js";
import { startChild, type Child } from "./child.js";
import type { OnLine } from "./output.js";
import { listPids, type Subject } from "./subject.js";
import { createTeller, GroupTeller, Pid1Teller, type Teller } from "./teller.js";

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
  /** Whether the signal goes to its whole group. */
  readonly isGroup: boolean;
  /** Whether it is the first process of a PID namespace of its own, as in a container. */
  readonly isPid1: boolean;
  /** Told what is started, see `startChild`. */
  readonly guard: (started: Started) => void;
  /** Told each line that it writes. */
  readonly onLine: OnLine;
}

/** A service that was started here. */
export class Spawned implements Subject {
  readonly generation: number;
  readonly pid: number;
  readonly name: string;
  /** Changed by `moveTo` alone. */
  address: Address;
  /** As the kernel counts. */
  readonly startedAt: number;
  readonly #child: Child;
  readonly #teller: Teller;
  #strays: readonly Stray[] = [];

  /** `pid`: of the service; of `child` itself, or of what that has started. */
  constructor(options: SpawnOptions, child: Child, pid: number) {
    const { command, generation, address, signal, isGroup } = options;
    this.pid = pid;
    this.name = command.join(" ");
    this.generation = generation;
    this.address = address;
    this.#child = child;
    this.#teller = isGroup
      ? new GroupTeller(child, signal)
      : pid === child.pid
        ? createTeller(child, signal)
        : new Pid1Teller(child, pid, signal);
    this.startedAt = startTimeOf(child.pid) ?? Number.POSITIVE_INFINITY;
  }

  get started(): Started {
    return this.#child.started;
  }

  get exit(): Promise<SubjectExit> {
    return this.#child.exit;
  }

  get hasExited(): boolean {
    return this.#child.hasExited;
  }

  /** It listens elsewhere than it was asked to. */
  moveTo(address: Address): void {
    this.address = address;
  }

  tell(): Promise<void> {
    this.#teller.tell();
    return Promise.resolve();
  }

  untilEnded(isService: boolean | null): Promise<SubjectExit> {
    return this.#teller.untilEnded(isService);
  }

  watchListener(): ListenerWatch {
    return watchListener(placeAt(this.address), listPids(this));
  }

  hasListener(): Promise<boolean | null> {
    return isOwner(this.pid, placeAt(this.address));
  }

  listOthers(): ProcessInfo[] {
    return this.#child.list().filter(({ pid }) => pid !== this.pid && pid !== this.#child.pid);
  }

  /**
   * A wrapper such as `sh -c "node server.js"` ends at the signal and passes nothing on: the server
   * never learns that it should stop.
   */
  async findOrphans(): Promise<Orphans | null> {
    const started = { pid: this.pid, command: this.name };
    const patience = now() + ORPHAN_MS;
    for (;;) {
      const left = this.#child.list();
      const isServing = await isListening(this.address);
      if (left.length === 0 && !isServing) return null;
      if (now() > patience) return { started, left, isServing };
      await sleep(ORPHAN_LOOK_MS);
    }
  }

  async explainExit({ code, signal }: SubjectExit): Promise<string> {
    const how = signal === null ? `with code ${String(code)}` : `by ${signal}`;
    const begin = `the service exited ${how} before it was signalled`;
    const left = await this.#findLeft();
    if (left.length === 0) return begin;
    const list = left.map(({ pid, command }) => `\`${command}\` (pid ${String(pid)})`);
    return `${begin} and left ${list.join(", ")} in the background: start it in the foreground, or point at it with --pid`;
  }

  async kill(): Promise<boolean> {
    this.#teller.noteKill();
    await this.close();
    return true;
  }

  async close(): Promise<void> {
    await this.#child.close();
    await Promise.all(this.#strays.map(({ pid, startedAt }) => endProcess(pid, startedAt)));
  }

  lastWords(): Promise<LastWords> {
    return this.#child.lastWords();
  }

  describeOutput(): Promise<string> {
    return this.#child.describeOutput();
  }

  /** What it left behind before it was told to stop. */
  async #findLeft(): Promise<ProcessInfo[]> {
    const owners = await findOwners(placeAt(this.address));
    this.#strays = owners
      .filter((pid) => isYounger(pid, this))
      .map((pid) => ({ pid, startedAt: startTimeOf(pid) ?? -1 }));
    const left = this.#child.list();
    const known = new Set(left.map(({ pid }) => pid));
    const others = this.#strays.filter(({ pid }) => !known.has(pid));
    return [...left, ...others.map(({ pid }) => ({ pid, command: describeProcess(pid) }))];
  }
}

/** Whether a process that listens on a service's port may have been started by it, even with an environment of its own. */
export function isYounger(pid: number, { startedAt }: Pick<Spawned, "startedAt">): boolean {
  return (startTimeOf(pid) ?? -1) >= startedAt;
}

interface Stray {
  readonly pid: number;
  readonly startedAt: number;
}

/** Starts a generation of the service. Throws PROVE_CANNOT_START when there is no such command. */
export async function startSpawned(options: SpawnOptions): Promise<Spawned> {
  const env = { ...options.env, PORT: portOf(options.address) };
  if (options.isPid1) return startPid1(options, env);
  const child = await startChild(options.command, { ...options, env });
  return new Spawned(options, child, child.pid);
}

async function startPid1(options: SpawnOptions, env: NodeJS.ProcessEnv): Promise<Spawned> {
  const fault = await findPid1Fault();
  if (fault !== undefined) {
    const text = `the service cannot be PID 1 of a namespace of its own here: ${fault}`;
    throw new CannotRunError("PROVE_CANNOT_START", text);
  }
  const child = await startChild(asPid1(options.command), { ...options, env });
  return new Spawned(options, child, (await findPid1(child.pid)) ?? child.pid);
}
