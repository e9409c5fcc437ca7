import { Alarm } from "../clock.js";

/** Milliseconds between two steps: small enough that nobody sees one, large enough to be cheap. */
const STEP = 10;

/** Leaving costs some ten microseconds; more of them in one turn would stall the event loop. */
const MOST_PER_STEP = 200;

/**
 * Lets those who wait leave one after the other, evenly over a window: clients that are all sent away
 * at once all come back at once. A hundred per second are no storm, so few leave sooner than the window
 * would let them.
 */
export class Pace<T> {
  readonly #leave: (batch: readonly T[], instant: number) => void;
  readonly #waiting = new Set<T>();
  readonly #alarm = new Alarm((instant) => this.#step(instant));
  #end: number | undefined;
  #lastStep = Number.NEGATIVE_INFINITY;
  /** How many have left since the last step began. */
  #gone = 0;

  constructor(leave: (batch: readonly T[], instant: number) => void) {
    this.#leave = leave;
  }

  /** Nobody leaves before {@link begin}. */
  add(item: T): void {
    this.#waiting.add(item);
    if (this.#end !== undefined) this.#alarm.atLatest(this.#lastStep + STEP);
  }

  /**
   * Whether somebody may leave at once, without waiting for a turn: after the window, for as long as
   * that does not stall the event loop. Whoever asks and is told so leaves.
   */
  letsGo(instant: number): boolean {
    if (this.#end === undefined || instant < this.#end || this.#waiting.size > 0) return false;
    if (instant >= this.#lastStep + STEP) {
      this.#lastStep = instant;
      this.#gone = 0;
    }
    return this.#gone++ < MOST_PER_STEP;
  }

  delete(item: T): void {
    this.#waiting.delete(item);
  }

  /** Who waits now, and who comes later, leaves until `end`; after that without more delay. */
  begin(end: number): void {
    this.#end = end;
    if (this.#waiting.size > 0) this.#alarm.atLatest(this.#lastStep + STEP);
  }

  stop(): void {
    this.#alarm.clear();
    this.#waiting.clear();
  }

  #step(instant: number): void {
    const left = Math.max(STEP, (this.#end ?? instant) - instant);
    const share = Math.ceil((this.#waiting.size * STEP) / left);
    const batch = this.#take(Math.min(share, MOST_PER_STEP));
    this.#lastStep = instant;
    this.#gone = batch.length;
    if (this.#waiting.size > 0) this.#alarm.atLatest(instant + STEP);
    if (batch.length > 0) this.#leave(batch, instant);
  }

  #take(count: number): T[] {
    const batch: T[] = [];
    for (const item of this.#waiting) {
      if (batch.length === count) break;
      this.#waiting.delete(item);
      batch.push(item);
    }
    return batch;
  }
}
