/**
 * When the quiet of a lame duck is conclusive. Pure: no clock, no state; `bench/lame-duck.js` runs
 * the same functions over simulated arrivals, and `docs/lame-duck.md` explains them.
 *
 * What is assumed: clients come independently of each other at a rate that does not change while the
 * balancers still route here. What is done where that does not hold: see {@link quietNeeded}.
 *
 * @module
 */

/** The chance with which quiet may come about although somebody still routes here. */
const NEGLIGIBLE = 1e-6;

/**
 * Balancers let go one after the other. The last of them must be heard as long as it brings at least
 * this share of the arrivals.
 */
const LEAST_SHARE = 1 / 5;

/** Quiet shorter than this many times the longest one lately seen is nothing unusual. */
const UNUSUAL = 3;

/**
 * No quiet is conclusive before this, in ms. A client whose first packet was lost sends it again only
 * after 1 s (RFC 6298 §2), and balancers pause while they load their configuration.
 */
const LEAST_QUIET = 1_000;

/** What was seen of a server's arrivals. Times in ms, the rate per ms. */
export interface Observation {
  /** Arrivals per ms before the drain; see {@link Arrivals.rate}. */
  readonly rate: number;
  /** The longest time without an arrival, in the minute before the drain and since. */
  readonly longestGap: number;
}

/**
 * How long nobody must have come until it is conclusive that nobody will. Infinite when too few came
 * before the drain to tell quiet from chance.
 *
 * With λ the rate, quiet of length q has the chance e^(−λq). That must be negligible for the least
 * share of λ, and for all gaps between arrivals that the phase gives chance to. Arrivals in bursts are
 * no Poisson process and have longer gaps than e^(−λq) admits; therefore the quiet must also be much
 * longer than any gap lately seen.
 *
 * @param longest how long the phase lasts at most, in ms.
 */
export function quietNeeded({ rate, longestGap }: Observation, longest: number): number {
  if (rate === 0) return Number.POSITIVE_INFINITY;
  const chances = 1 + rate * longest;
  const unlikely = Math.log(chances / NEGLIGIBLE) / (rate * LEAST_SHARE);
  return Math.max(unlikely, UNUSUAL * longestGap, LEAST_QUIET);
}

/** The bounds of a lame duck, as instants. */
export interface Bounds {
  readonly start: number;
  readonly earliest: number;
  readonly latest: number;
}

/**
 * Why a lame duck ended. `evidence`: the quiet became conclusive. `minimum`: it was so before the
 * phase might end. `maximum`: it never was. `abort`: the service was told to cut.
 */
export type LameDuckEnd = "evidence" | "minimum" | "maximum" | "abort";

/** When the lame duck ends, and why, if nobody comes any more. `conclusive`: an instant. */
export function planEnd(
  { earliest, latest }: Bounds,
  conclusive: number,
): { readonly at: number; readonly why: LameDuckEnd } {
  if (conclusive > latest) return { at: latest, why: "maximum" };
  if (conclusive <= earliest) return { at: earliest, why: "minimum" };
  return { at: conclusive, why: "evidence" };
}
