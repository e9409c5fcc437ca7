import type { Spot } from "./source.js";

/** A value of the model: written in a file, or what holds where nothing is written. */
export interface Value<T> {
  readonly value: T;
  /** As its platform spells it, for sums: `terminationGracePeriodSeconds`. */
  readonly name: string;
  /**
   * Where it is written; where it is not, what has to get it: the call of `lastcall()`, the name of the Deployment.
   */
  readonly spot: Spot;
  /** Whether it is written at all; without, it is a default. */
  readonly isExplicit: boolean;
}

/** A value that is written at a place. */
export function given<T>(name: string, value: T, spot: Spot): Value<T> {
  return { name, value, spot, isExplicit: true };
}

/** A default, with the place where another value would be written. */
export function usual<T>(name: string, value: T, spot: Spot): Value<T> {
  return { name, value, spot, isExplicit: false };
}

/** `30 s`, `1.6 s`, `250 ms`: times of sums. */
export function sayTime(milliseconds: number): string {
  const ms = Math.round(milliseconds);
  return ms !== 0 && Math.abs(ms) < 1_000 ? `${ms} ms` : `${Number((ms / 1_000).toFixed(2))} s`;
}

/** `preStop 5 s`, `terminationGracePeriodSeconds 30 s (default)`. */
export function sayValue({ name, value, isExplicit }: Value<number>): string {
  return `${name} ${sayTime(value)}${isExplicit ? "" : " (default)"}`;
}
