/**
 * The only module of the library that touches timers. Instants are milliseconds of the monotonic
 * clock: the wall clock may step while a drain runs, and the budget must not move with it.
 *
 * @module
 */
import { promisify } from "node:util";

import { shared } from "./shared.js";

/** An instant that does not come. */
export const NEVER: number = Number.POSITIVE_INFINITY;

/** The monotonic instant now, in milliseconds. */
export function now(): number {
  return performance.now();
}

/** Milliseconds since an instant, to the hundredth: for reports, which people read. */
export function msSince(instant: number): number {
  return Math.round((now() - instant) * 100) / 100;
}

/** Resolves in the check phase of the event loop, after the poll phase has read what had arrived. */
export function nextCheckPhase(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Calls back in the next check phase; cheaper than to wait for it, where that is done for each of many. */
export function inNextCheckPhase<T>(call: (subject: T) => void, subject: T): void {
  setImmediate(call, subject);
}

/** Waits, as `setTimeout` of `node:timers/promises`, and rejects as that does. Holds the process. */
export function wait(
  time: number,
  value?: undefined,
  options?: { signal: AbortSignal },
): Promise<void> {
  return promisify(setTimeout)(time, value, options);
}

/** Timers of this module that hold the process and are not the application's own. */
const holding = shared("timers", () => ({ count: 0 }));

/** How many timers hold the process on lastcall's account. */
export function ownTimers(): number {
  return holding.count;
}

/** Calls back after `time` milliseconds without holding the process; returns what takes that back. */
export function callAfter(time: number, callback: () => void): () => void {
  const timer = setTimeout(callback, time).unref();
  return () => clearTimeout(timer);
}

/**
 * Calls `look` every `time` milliseconds without holding the process, and `seen` with what it returned once everything has been
 * read that had arrived by then, signals too: in the check phase, after a stall, what arrived while handlers ran is still
 * unread. Returns what ends it.
 */
export function repeat<T>(time: number, look: () => T, seen: (looked: T) => void): () => void {
  const timer = setInterval(() => setImmediate(seen, look()).unref(), time).unref();
  return () => clearInterval(timer);
}

/**
 * One timer that can be moved. It rings in the check phase and never straight from the timer phase:
 * after a stall, timers run before the sockets are read, and what acts there takes a connection
 * for silent whose request waits in the kernel (nodejs/node#43456). It rings with the instant before
 * that reading: what arrived up to then has been read; what arrived since, while handlers ran, has not.
 */
export class Alarm {
  readonly #ring: (instant: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #at = Number.POSITIVE_INFINITY;
  #holds = true;

  constructor(ring: (instant: number) => void) {
    this.#ring = ring;
  }

  /** Does not hold the process from here on: for what is watched as long as something else does. */
  unref(): this {
    this.#holds = false;
    return this;
  }

  /** Whether it is going to ring. */
  get isSet(): boolean {
    return this.#at !== Number.POSITIVE_INFINITY;
  }

  /** Rings at `instant`, unless it rings earlier already. */
  atLatest(instant: number): void {
    if (instant >= this.#at) return;
    this.clear();
    this.#at = instant;
    // A longer delay than 2^31-1 would fire at once; nothing waits for it, the drain ends before.
    const delay = Math.min(Math.max(0, Math.ceil(instant - now())), 2 ** 31 - 1);
    if (this.#holds) holding.count++;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#holds) holding.count--;
      const rung = now();
      this.#immediate = setImmediate(() => {
        this.clear();
        this.#ring(rung);
      });
    }, delay);
    if (!this.#holds) this.#timer.unref();
  }

  clear(): void {
    if (this.#timer !== undefined && this.#holds) holding.count--;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    clearImmediate(this.#immediate);
    this.#at = Number.POSITIVE_INFINITY;
  }
}

/**
 * Waits for `work`, but not past `instant` and not past `cutoff` where there is one. Resolves to
 * whether the work was done; never rejects, whatever the work does. The timer holds the process: a
 * drain whose sockets are gone must still run its hooks. Not so with `holds` false, for what is waited for while a service serves.
 */
export function doneBy(
  work: Promise<unknown>,
  instant: number,
  cutoff?: AbortSignal,
  holds = true,
): Promise<boolean> {
  return new Promise((resolve) => {
    let isSettled = false;
    const settle = (done: boolean): void => {
      isSettled = true;
      alarm.clear();
      cutoff?.removeEventListener("abort", giveUp);
      resolve(done);
    };
    const giveUp = (): void => settle(false);
    const finish = (): void => settle(true);
    const alarm = new Alarm(giveUp);
    if (!holds) alarm.unref();
    work.then(finish, finish);
    // What is done in this turn, as most steps of a drain are, needs no timer.
    process.nextTick(() => {
      if (isSettled) return;
      // One turn of grace, so that work which is done already counts as done.
      if (cutoff?.aborted) return void setImmediate(giveUp);
      cutoff?.addEventListener("abort", giveUp, { once: true });
      alarm.atLatest(instant);
    });
  });
}

/** Waits until `instant`, or until `cutoff`; `holds` as in {@link doneBy}. */
export async function until(instant: number, cutoff: AbortSignal, holds = true): Promise<void> {
  await doneBy(new Promise(() => {}), instant, cutoff, holds);
}
