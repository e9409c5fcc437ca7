import type { Socket } from "node:net";

import { Alarm, now } from "../clock.js";
import { readSendQueues } from "./kernel-queue.js";

/** What a {@link StillWatch} watches. */
export interface Watched<T> {
  /** All of them, as they come and go. A set, or a map's keys. */
  readonly items: Pick<ReadonlySet<T>, "size" | "has" | "keys">;
  /** Whether it is the peer's turn to do something. */
  isWaiting(item: T): boolean;
  /** A figure that changes with every byte that counts. */
  position(item: T): number;
  /** The socket below, where it is known. */
  raw(item: T): Socket | undefined;
  /** Nothing moved for the whole timeout. */
  still(item: T): void;
}

interface Mark {
  readonly position: number;
  since: number;
  /** What the kernel said last, where it was asked and could tell. */
  queued: number | undefined;
}

/** Looks per timeout. What stands still is found within one and a half timeouts, never before one. */
const LOOKS = 4;

/**
 * Finds what stands still because of its peer. Samples instead of listening, so that neither a
 * request nor a write pays for it: a look costs a fraction of a microsecond per connection. The kernel is
 * asked only about those that seem to stand still, because bytes that move must not be cut.
 */
export class StillWatch<T> {
  readonly #watched: Watched<T>;
  readonly #alarm = new Alarm(() => void this.#look()).unref();
  #timeout: number;
  #marks = new Map<T, Mark>();
  #isStopped = false;

  /** `timeout`: milliseconds; infinite when nothing is to be found. */
  constructor(watched: Watched<T>, timeout: number) {
    this.#watched = watched;
    this.#timeout = timeout;
  }

  /** There is something to watch. */
  wake(): void {
    if (this.#alarm.isSet || this.#isStopped || this.#timeout === Number.POSITIVE_INFINITY) return;
    this.#alarm.atLatest(now() + this.#timeout / LOOKS);
  }

  /** From now on another timeout holds, and everything gets the whole of it. */
  restart(timeout: number): void {
    this.#timeout = timeout;
    this.#marks.clear();
    this.#alarm.clear();
    if (this.#watched.items.size > 0) this.wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#alarm.clear();
    this.#marks.clear();
  }

  async #look(): Promise<void> {
    const suspects = this.#mark(now());
    if (suspects.length > 0) await this.#judge(suspects);
    if (this.#watched.items.size > 0) this.wake();
  }

  /** Notes where everybody is; returns those who are where they were. */
  #mark(instant: number): T[] {
    const suspects: T[] = [];
    const marks = new Map<T, Mark>();
    for (const item of this.#watched.items.keys()) {
      if (!this.#watched.isWaiting(item)) continue;
      const position = this.#watched.position(item);
      const known = this.#marks.get(item);
      const isSuspect = known?.position === position;
      marks.set(item, isSuspect ? known : { position, since: instant, queued: undefined });
      if (isSuspect) suspects.push(item);
    }
    this.#marks = marks;
    return suspects;
  }

  async #judge(suspects: readonly T[]): Promise<void> {
    const raws = suspects.map((item) => this.#watched.raw(item));
    const queues = await readSendQueues(raws.filter((raw) => raw !== undefined));
    for (const item of suspects) {
      const mark = this.#marks.get(item);
      if (mark === undefined || !this.#isStill(item, mark)) continue;
      const raw = this.#watched.raw(item);
      const queued = raw && queues(raw);
      // Its first figure is no sign of standing still either: a whole timeout counts from there.
      if (queued !== undefined && queued !== mark.queued) mark.since = now();
      mark.queued = queued;
      if (now() - mark.since < this.#timeout) continue;
      this.#marks.delete(item);
      this.#watched.still(item);
    }
  }

  /** The kernel's answer took a moment, in which everything may have changed. */
  #isStill(item: T, mark: Mark): boolean {
    const { items } = this.#watched;
    return (
      items.has(item) &&
      this.#watched.isWaiting(item) &&
      this.#watched.position(item) === mark.position
    );
  }
}
