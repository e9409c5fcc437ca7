import { logGamma } from "./confidence.js";

/** A part of a whole: requests that were lost, of all. */
export interface Share {
  readonly lost: number;
  readonly total: number;
}

/** So rarely two runs of the same service may be told apart. */
const LEVEL = 0.001;
/**
 * Requests that one stop loses have a common cause, so that runs of the same service differ by more than counts of
 * independent ones would: by a tenth is usual.
 */
const MARGIN = 1.5;

/** Whether a share is larger than another by more than chance, and by half at least. */
export function isLarger(one: Share, other: Share): boolean {
  if (one.total === 0 || other.total === 0) return false;
  const isByHalf = one.lost / one.total >= (other.lost / other.total) * MARGIN;
  return one.lost > 0 && isByHalf && findChance(one, other) < LEVEL;
}

/**
 * How probable it is that so many of all that was lost, or more, fall to the first, if both have the same true share:
 * Fisher's exact test, the upper tail of the hypergeometric distribution.
 */
export function findChance(one: Share, other: Share): number {
  const lost = one.lost + other.lost;
  const total = one.total + other.total;
  const most = Math.min(lost, one.total);
  let term = Math.exp(
    logChoose(one.total, one.lost) + logChoose(other.total, other.lost) - logChoose(total, lost),
  );
  let sum = 0;
  for (let count = one.lost; count <= most; count += 1) {
    sum += term;
    // From the chance of `count` to that of one more.
    term *=
      ((one.total - count) * (lost - count)) / ((count + 1) * (other.total - lost + count + 1));
  }
  return Math.min(1, sum);
}

function logChoose(total: number, part: number): number {
  return logGamma(total + 1) - logGamma(part + 1) - logGamma(total - part + 1);
}
