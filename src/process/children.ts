import type { ChildProcess } from "node:child_process";
import cluster from "node:cluster";
import diagnostics from "node:diagnostics_channel";

import { now } from "../clock.js";

/** A child that ends within this time of a signal, in ms, and not in order, has had the signal too. */
const SOON = 1_000;

/** The death of a child may be seen before the signal is that killed it. */
const BEFORE = 50;

/** Of a command line; more of it tells nothing new. */
const LONGEST_COMMAND = 80;

/** A child process that ended while the service stopped, or right before. */
interface Death {
  readonly at: number;
  readonly text: string;
}

/**
 * Notices child processes that a signal to the whole process group has ended together with this one: a converter, a
 * browser, in the middle of what a request wants of it.
 */
export class Children {
  #stop: (() => void) | undefined;
  #told: ((text: string) => void) | undefined;
  #signalledAt = Number.POSITIVE_INFINITY;
  #last: Death[] = [];

  start(): void {
    if (this.#stop !== undefined) return;
    const made = (message: unknown): void =>
      this.#watch((message as { process: ChildProcess }).process);
    diagnostics.subscribe("child_process", made);
    this.#stop = () => void diagnostics.unsubscribe("child_process", made);
  }

  release(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#told = undefined;
    this.#last = [];
  }

  /** A signal has come from outside: `told` hears of each child that ends of it. */
  signalled(at: number, told: (text: string) => void): void {
    if (this.#told !== undefined) return;
    this.#told = told;
    this.#signalledAt = at;
    for (const death of this.#last) if (death.at >= at - BEFORE) told(death.text);
    this.#last = [];
  }

  #watch(child: ChildProcess): void {
    child.once("exit", (code, signal) => {
      // Workers are told by their primary, and what the program kills itself is no surprise to it.
      if (child.killed || isWorker(child) || (code === 0 && signal === null)) return;
      this.#ended({
        at: now(),
        text: `\`${commandOf(child)}\` (pid ${child.pid}) ${sayEnd(code, signal)}`,
      });
    });
  }

  #ended(death: Death): void {
    if (this.#told === undefined) this.#last = [...this.#last.slice(-9), death];
    else if (death.at <= this.#signalledAt + SOON) this.#told(death.text);
  }
}

function isWorker(child: ChildProcess): boolean {
  return Object.values(cluster.workers ?? {}).some((worker) => worker?.process === child);
}

function commandOf({ spawnargs, spawnfile }: ChildProcess): string {
  const text = (spawnargs ?? [spawnfile]).join(" ");
  return text.length <= LONGEST_COMMAND ? text : `${text.slice(0, LONGEST_COMMAND - 1)}…`;
}

function sayEnd(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ended with code ${code}` : `died of ${signal}`;
}
