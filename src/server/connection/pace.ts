import { Alarm } from "../../clock.js";

/** Milliseconds between two steps: small enough not to be seen, large enough to be cheap. */
const STEP = 10;

/** Closing costs some ten microseconds; more of them in one turn would stall the event loop. */
const MOST_PER_STEP = 200;

/**
 * Lets those who wait leave one after the other, evenly over a window: clients that are all sent away
 * at once all come back at once. A hundred per second are no storm, so few leave sooner than the window
 * would let them.
 */
export class Pace<T> {
  readonly #leave: (batch: readonly T[], instant: number) => void;
  readonly #most: number;
  readonly #waiting = new Set<T>();
  readonly #alarm = new Alarm((instant) => this.#step(instant));
  #end: number | undefined;
  #lastStep = Number.NEGATIVE_INFINITY;
  /** How many have left since the last step began. */
  #gone = 0;

  /** `most`: how many may leave in one turn, where that costs more than a close. */
  constructor(leave: (batch: readonly T[], instant: number) => void, most: number = MOST_PER_STEP) {
    this.#leave = leave;
    this.#most = most;
  }

  /** None leaves before {@link begin}. */
  add(item: T): void {
    this.#waiting.add(item);
    if (this.#end !== undefined) this.#alarm.atLatest(this.#lastStep + STEP);
  }

  /**
   * Whether one may leave at once, without waiting for a turn: after the window, for as long as
   * that does not stall the event loop. One that asks and is told so leaves.
   */
  letsGo(instant: number): boolean {
    if (this.#end === undefined || instant < this.#end || this.#waiting.size > 0) return false;
    if (instant >= this.#lastStep + STEP) {
      this.#lastStep = instant;
      this.#gone = 0;
    }
    return this.#gone++ < this.#most;
  }

  delete(item: T): void {
    this.#waiting.delete(item);
  }

  /** Those that wait now, and those that come later, leave until `end`; after that without more delay. */
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
    const batch = this.#take(Math.min(share, this.#most));
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
