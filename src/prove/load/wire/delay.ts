import { now } from "../../machine/now.js";

interface Parcel {
  readonly due: number;
  readonly deliver: () => void;
}

/**
 * Holds everything back by one constant time, in order: half of a round trip. One line serves all
 * connections and both directions, because a constant delay never reorders.
 */
export class DelayLine {
  readonly delayMs: number;
  #parcels: Parcel[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(delayMs: number) {
    this.delayMs = delayMs;
  }

  push(deliver: () => void): void {
    if (this.delayMs === 0) {
      deliver();
      return;
    }
    this.#parcels.push({ due: now() + this.delayMs, deliver });
    this.#timer ??= setTimeout(this.#flush, this.delayMs);
  }

  #flush = (): void => {
    this.#timer = undefined;
    const ready = now();
    const waiting = this.#parcels.findIndex((parcel) => parcel.due > ready);
    const due = waiting === -1 ? this.#parcels : this.#parcels.slice(0, waiting);
    this.#parcels = waiting === -1 ? [] : this.#parcels.slice(waiting);
    for (const parcel of due) parcel.deliver();
    const next = this.#parcels[0];
    if (next !== undefined) this.#timer ??= setTimeout(this.#flush, Math.max(0, next.due - now()));
  };
}
