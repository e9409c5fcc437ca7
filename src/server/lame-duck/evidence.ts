/**
 * When the quiet of a lame duck is conclusive. Pure: no clock, no state; `bench/lame-duck.js` runs
 * the same functions over simulated arrivals, and `docs/lame-duck.md` explains them.
 *
 * What is assumed: clients come independently of each other at a rate that does not change while the
 * balancers still route here. What is done where that does not hold: see {@link quietNeeded}.
 *
 * @module
 */

/** The chance with which quiet may come about although a balancer still routes here. */
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
 * How long no client must have come until it is conclusive that none will. Infinite when too few came
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

/** The chance with which a balancer that still sends requests here may send none for as long as it must be quiet. */
const UNLIKELY = 1e-3;

/** Bounds of that quiet, in ms: a connection on its way takes less, and a rare request is not worth more. */
const QUIET_AFTER = { least: 500, most: 1_500 };

/**
 * How long it must be quiet once everything that is known to send clients here has let go: for one whose threshold is higher
 * than was said, and which goes on. In the lame duck every response says close, so each request of a kept-alive pool comes on a
 * connection of its own, and the rate of requests before says how soon it would.
 *
 * @param rate requests per ms before the drain.
 */
export function quietAfter(rate: number): number {
  const unlikely = rate === 0 ? Number.POSITIVE_INFINITY : Math.log(1 / UNLIKELY) / rate;
  return Math.min(Math.max(unlikely, QUIET_AFTER.least), QUIET_AFTER.most);
}

/** The bounds of a lame duck, as instants. */
export interface Bounds {
  readonly start: number;
  readonly earliest: number;
  readonly latest: number;
}

/**
 * Why a lame duck ended. `evidence`: the quiet became conclusive. `minimum`: it was so before the
 * phase might end. `maximum`: it never was. `probes`: every balancer that asks for readiness was answered 503 as often as it
 * needs, and then it was quiet. `registries`: the readers of every registry had their time. `siblings`: others of the cluster accept on the same sockets and stay, or
 * the primary hands over no connection any more. `abort`: the service was told to cut.
 */
export type LameDuckEnd =
  "evidence" | "minimum" | "maximum" | "probes" | "registries" | "siblings" | "abort";

/** An instant from which no client is going to come, and what says so. */
export interface Conclusion {
  readonly at: number;
  readonly why: "evidence" | "probes" | "registries";
}

/**
 * When the lame duck ends, and why, if no client comes any more. `held`: an instant up to which registries may still send
 * clients here, whatever else is known.
 */
export function planEnd(
  { earliest, latest }: Bounds,
  { at: conclusive, why }: Conclusion,
  held: number = Number.NEGATIVE_INFINITY,
): { readonly at: number; readonly why: LameDuckEnd } {
  const least = Math.min(Math.max(conclusive, earliest), latest);
  if (held > least) return { at: held, why: "registries" };
  if (conclusive > latest) return { at: latest, why: "maximum" };
  if (conclusive <= earliest) return { at: earliest, why: "minimum" };
  return { at: conclusive, why };
}
