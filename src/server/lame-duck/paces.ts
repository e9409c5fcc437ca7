/**
 * At what paces something is asked, by the instants at which it was: several that ask from one address are told apart. Pure.
 *
 * @module
 */

/** One that asks at a regular pace. Times in ms. */
interface Pace {
  readonly period: number;
  readonly last: number;
}

/** What asks, as far as its instants tell. */
export interface Paces {
  readonly regular: readonly Pace[];
  /** Instants that belong to none of them: of something whose pace is not known yet. */
  readonly single: readonly number[];
}

/** So much earlier or later than its period, as a share of it, one may ask: timers of busy machines are late. */
const JITTER = 0.3;

/** So much of it is nothing unusual, and nothing is missed by it. */
const ON_TIME = 0.05;

/** With fewer instants there is no pace. */
const LEAST = 3;

/** So many of the latest gaps are tried as periods. */
const TRIED = 8;

/** Finds the pace that explains most instants, takes those out, and goes on with what is left. */
export function findPaces(instants: readonly number[]): Paces {
  const chains: Chain[] = [];
  let left = [...instants];
  for (;;) {
    const chain = longestChain(left);
    if (chain === undefined) break;
    const explained = new Set(chain.instants);
    left = left.filter((each) => !explained.has(each));
    // One that was held up for longer goes on at another phase: it is the same.
    if (!chains.some((later) => isBefore(chain, later))) chains.push(chain);
  }
  const regular = chains.map(({ period, instants: [last] }) => ({ period, last: last! }));
  return { regular, single: isAccountedFor(instants, chains) ? [] : left };
}

function isBefore(chain: Chain, later: Chain): boolean {
  const isAlike = Math.abs(chain.period - later.period) <= JITTER * later.period;
  return isAlike && chain.instants[0]! < later.instants.at(-1)!;
}

/**
 * Whether there are no more instants than the paces make: what is left over belongs to them then, and came late. The less
 * regular they are, the less that can be told.
 */
function isAccountedFor(instants: readonly number[], chains: readonly Chain[]): boolean {
  if (chains.length === 0) return false;
  const span = instants.at(-1)! - instants[0]!;
  const made = chains.reduce((sum, { period, jitter }) => {
    return sum + Math.floor((Math.round(span / period) + 1) * (1 + Math.max(0, jitter - ON_TIME)));
  }, 0);
  return instants.length <= made;
}

interface Chain {
  readonly period: number;
  /** The latest first. */
  readonly instants: readonly number[];
  /** How much its gaps differ from the period in the mean, as a share of it. */
  readonly jitter: number;
  /** How many instants it explains, less what it misses. */
  readonly score: number;
}

function longestChain(instants: readonly number[]): Chain | undefined {
  const latest = instants.slice(-TRIED);
  let best: Chain | undefined;
  for (const [index, end] of latest.entries()) {
    for (const start of latest.slice(0, index)) {
      const chain = follow(instants, end, end - start);
      if (chain.score > (best?.score ?? LEAST - 1)) best = chain;
    }
  }
  return best;
}

/** Goes back from one instant by the period. One may be missing: it was lost, or came much too late. */
function follow(instants: readonly number[], end: number, period: number): Chain {
  const found = [end];
  let missed = 0;
  for (let at = end; ;) {
    let previous = nearest(instants, at, period);
    if (previous === undefined) {
      previous = nearest(instants, at - period, period);
      missed += 1;
    }
    if (previous === undefined) break;
    found.push(previous);
    at = previous;
  }
  const gaps = found.slice(1).map((each, index) => found[index]! - each);
  const usual = gaps.length === 0 ? period : median(gaps);
  const off = gaps.reduce((sum, gap) => sum + Math.min(Math.abs(gap - usual), usual), 0);
  return {
    period: usual,
    instants: found,
    jitter: gaps.length === 0 ? 0 : off / usual / gaps.length,
    // The last miss is its end. The others count double: two that ask in turn are no one that misses every third.
    score: found.length - 2 * (missed - 1),
  };
}

/** The instant about one period before `at`. */
function nearest(instants: readonly number[], at: number, period: number): number | undefined {
  const wanted = at - period;
  const near = instants.filter((each) => each < at && Math.abs(each - wanted) <= JITTER * period);
  if (near.length === 0) return undefined;
  return near.reduce((a, b) => (Math.abs(a - wanted) <= Math.abs(b - wanted) ? a : b));
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
