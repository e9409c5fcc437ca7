import type { Socket } from "node:net";

import { Alarm, now } from "../../clock.js";
import type { Fence } from "../../fence.js";
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
  readonly #fence: Fence;
  readonly #alarm = new Alarm(() => void this.#look()).unref();
  #timeout: number;
  #marks = new Map<T, Mark>();
  #isStopped = false;

  /** `timeout`: milliseconds; infinite when nothing is to be found. */
  constructor(watched: Watched<T>, timeout: number, fence: Fence) {
    this.#watched = watched;
    this.#timeout = timeout;
    this.#fence = fence;
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

  /** There is nothing to watch; no timer is left that would keep it. */
  rest(): void {
    this.#alarm.clear();
    this.#marks.clear();
  }

  stop(): void {
    this.#isStopped = true;
    this.rest();
  }

  /** Never rejects: what is read of each is fenced. */
  async #look(): Promise<void> {
    const suspects = this.#mark(now());
    if (suspects.size > 0) await this.#judge(suspects);
    if (this.#watched.items.size > 0) this.wake();
  }

  /** Notes where all are; returns those that are where they were, each with the socket below. */
  #mark(instant: number): Map<T, Socket | undefined> {
    const suspects = new Map<T, Socket | undefined>();
    const marks = new Map<T, Mark>();
    const look = (item: T): void => {
      if (!this.#watched.isWaiting(item)) return;
      const position = this.#watched.position(item);
      const known = this.#marks.get(item);
      const isSuspect = known?.position === position;
      marks.set(item, isSuspect ? known : { position, since: instant, queued: undefined });
      if (isSuspect) suspects.set(item, this.#watched.raw(item));
    };
    for (const item of this.#watched.items.keys()) {
      this.#fence.attempt("look at what may stand still", () => look(item));
    }
    this.#marks = marks;
    return suspects;
  }

  async #judge(suspects: ReadonlyMap<T, Socket | undefined>): Promise<void> {
    const raws = [...suspects.values()].filter((raw) => raw !== undefined);
    const queues = await readSendQueues(raws, this.#fence);
    for (const [item, raw] of suspects) {
      const queued = raw && queues(raw);
      this.#fence.attempt("close what stands still", () => this.#judgeOne(item, queued));
    }
  }

  #judgeOne(item: T, queued: number | undefined): void {
    const mark = this.#marks.get(item);
    if (mark === undefined || !this.#isStill(item, mark)) return;
    // Its first figure is no sign of standing still either: a whole timeout counts from there.
    if (queued !== undefined && queued !== mark.queued) mark.since = now();
    mark.queued = queued;
    if (now() - mark.since < this.#timeout) return;
    this.#marks.delete(item);
    this.#watched.still(item);
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
