import os from "node:os";

import { findCaller, type Origin } from "./origin.js";

/** What Node's `process.kill` calls itself; code that has taken `kill` off `process` before calls it too. */
interface KillingProcess {
  _kill?: (this: unknown, pid: number, signal: number) => number;
}

/**
 * Notices signals that this process sends to itself, which cannot be told from others once they arrive: frameworks raise
 * a signal again when they believe that they are done (Apollo Server, Nest).
 */
export class Raised {
  readonly #awaited = new Map<number, (Origin | undefined)[]>();
  #stop: (() => void) | undefined;

  start(): void {
    if (this.#stop !== undefined) return;
    const owner = process as KillingProcess;
    const { _kill: kill } = owner;
    if (typeof kill !== "function") return;
    const noting = (pid: number, signal: number): number => {
      const isOwn = pid === process.pid || pid === 0 || pid === -process.pid;
      // 0 asks whether the process is there.
      if (isOwn && signal !== 0 && this.#stop !== undefined) this.#note(signal);
      return kill.call(process, pid, signal);
    };
    owner._kill = noting;
    this.#stop = () => {
      // Another's wrapper around ours stays, and ours goes on to note.
      if (owner._kill === noting) owner._kill = kill;
    };
  }

  #note(signal: number): void {
    const known = this.#awaited.get(signal) ?? [];
    known.push(findCaller());
    this.#awaited.set(signal, known);
  }

  /** Whether a signal that has arrived is one that this process sent, and from where in the program. */
  take(signal: NodeJS.Signals): { readonly by: Origin | undefined } | undefined {
    const known = this.#awaited.get(os.constants.signals[signal]);
    return known === undefined || known.length === 0 ? undefined : { by: known.shift() };
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#awaited.clear();
  }
}
