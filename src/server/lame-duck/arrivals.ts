/** Arrivals are counted by slots of this length, in ms. */
const SLOT = 2_000;

/** What is older than this many slots, a minute, is forgotten. */
const SLOTS = 30;

/**
 * Clients that come within this time of each other, in ms, count as one: a browser that opens six
 * connections for one page is one decision of a balancer, not six.
 */
const CLUMP = 10;

/** With fewer whole slots nothing is known of a rate: a pool that connects at start fills one. */
const LEAST_SLOTS = 3;

/**
 * Remembers how often clients have come during the last minute, in constant space and, for each
 * arrival, constant time. Instants are given to it, so that a simulation can run the same code.
 */
export class Arrivals {
  readonly #counts = new Uint32Array(SLOTS);
  readonly #gaps = new Float64Array(SLOTS);
  readonly #since: number;
  #slot = 0;
  #last: number;
  #counted = Number.NEGATIVE_INFINITY;
  #total = 0;

  /** @param since the instant from which on clients could come. */
  constructor(since: number) {
    this.#since = since;
    this.#last = since;
  }

  /** How many have come since the beginning, each counted. */
  get total(): number {
    return this.#total;
  }

  /** The instant of the last arrival, or the beginning. */
  get last(): number {
    return this.#last;
  }

  /** The instant from which on clients could come. */
  get since(): number {
    return this.#since;
  }

  add(instant: number): void {
    const index = this.#enter(instant);
    if (instant - this.#counted >= CLUMP) {
      this.#counts[index]! += 1;
      this.#counted = instant;
    }
    // Before the first client nothing was interrupted: that is no gap.
    const gap = this.#total === 0 ? 0 : instant - this.#last;
    this.#gaps[index] = Math.max(this.#gaps[index]!, gap);
    this.#last = instant;
    this.#total++;
  }

  /**
   * Arrivals per millisecond, clumps counted once, that three of four slots had at least: the mean would take a burst, such
   * as a pool that fills itself, for traffic. 0 when no client came in one of four, or when too little
   * has been seen to say.
   */
  rate(instant: number): number {
    const current = this.#enter(instant);
    const whole = Math.min(this.#slot, SLOTS - 1);
    if (whole < LEAST_SLOTS) return 0;
    const counts = Array.from({ length: whole }, (_, back) => {
      return this.#counts[(current + SLOTS - 1 - back) % SLOTS]!;
    }).sort((a, b) => a - b);
    return counts[Math.floor(whole / 4)]! / SLOT;
  }

  /** The longest time without an arrival, of those that an arrival ended in the last minute. */
  longestGap(instant: number): number {
    this.#enter(instant);
    return Math.max(...this.#gaps);
  }

  /** Whether a client came in the last minute. */
  hasAny(instant: number): boolean {
    this.#enter(instant);
    return this.#counts.some((count) => count > 0);
  }

  /** Goes to the slot of `instant`, forgetting what it held a minute ago; returns its index. */
  #enter(instant: number): number {
    const slot = Math.floor((instant - this.#since) / SLOT);
    for (let next = Math.max(this.#slot, slot - SLOTS) + 1; next <= slot; next++) {
      this.#counts[next % SLOTS] = 0;
      this.#gaps[next % SLOTS] = 0;
    }
    this.#slot = Math.max(this.#slot, slot);
    return this.#slot % SLOTS;
  }
}
