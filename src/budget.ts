import { LastcallError } from "./errors.js";
import type { Settings } from "./options.js";

/** The windows of a drain in their order, in milliseconds. They add up to the grace period. */
export interface Budget {
  /** The sum of all the others. */
  readonly gracePeriodMs: number;
  /** Not ready, still accepting. */
  readonly lameDuckMs: number;
  /** Of these, what the lame duck lasts at least; the rest is spent only while clients come. */
  readonly lameDuckMinMs: number;
  /** The listener is closed, requests in flight finish. What the other windows leave. */
  readonly drainingMs: number;
  /** From the abort of the signals to the cut. */
  readonly abortingMs: number;
  /** Tasks are joined, hooks run. */
  readonly closingMs: number;
  /** Kept free before the kill. */
  readonly marginMs: number;
}

/** One drain's windows as absolute monotonic instants: computed once, never moved. */
export interface Instants {
  /** The drain began. */
  readonly start: number;
  /** The lame duck ends no earlier. */
  readonly lameDuckMin: number;
  /** The lame duck ends and the accept queue is emptied. */
  readonly lameDuckEnd: number;
  /** Signals of unfinished requests and tasks abort. */
  readonly abort: number;
  /** What is still unfinished is cut. */
  readonly cut: number;
  /** The drain is over, whatever still hangs. `deadline - margin`. */
  readonly end: number;
  /** The grace period is over; who is still here is killed. */
  readonly deadline: number;
}

/**
 * Less than this for requests in flight is no drain: the field's usual 1 s defaults cut every report
 * and upload. It is a floor that catches arithmetic slips, not a recommendation.
 */
const LEAST_DRAINING = 250;

/**
 * Divides the grace period into windows.
 * @throws {LastcallError} `ERR_LASTCALL_BUDGET` when they do not fit, with the sum.
 */
export function planBudget(settings: Settings): Budget {
  const total = settings.gracePeriod;
  const share = (part: number, most: number): number => Math.min(most, Math.floor(total / part));
  const lameDuckMs = settings.lameDuck.max ?? share(6, 5_000);
  const lameDuckMinMs = settings.lameDuck.min ?? Math.min(2_000, (lameDuckMs * 2) / 5);
  const abortingMs = settings.abortWindow ?? share(15, 2_000);
  const closingMs = settings.closingWindow ?? share(6, 5_000);
  const marginMs = settings.margin ?? share(30, 1_000);
  const drainingMs = total - lameDuckMs - abortingMs - closingMs - marginMs;
  if (drainingMs < LEAST_DRAINING) {
    throw new LastcallError(
      "ERR_LASTCALL_BUDGET",
      `The windows do not fit into the grace period: lameDuck ${lameDuckMs} + abortWindow ${abortingMs} + ` +
        `closingWindow ${closingMs} + margin ${marginMs} = ${total - drainingMs} ms of ${total} ms, which leaves ` +
        `${drainingMs} ms for requests in flight; at least ${LEAST_DRAINING} ms are needed. ` +
        "Raise `gracePeriod` (and the platform's own, such as terminationGracePeriodSeconds), or shorten a window",
    );
  }
  if (lameDuckMinMs > lameDuckMs) {
    throw new LastcallError(
      "ERR_LASTCALL_BUDGET",
      `Expected \`lameDuck.min\` to be at most \`lameDuck.max\`, ${lameDuckMs} ms, got ${lameDuckMinMs} ms. ` +
        "Lower it, or raise `lameDuck.max`",
    );
  }
  return {
    gracePeriodMs: total,
    lameDuckMs,
    lameDuckMinMs,
    drainingMs,
    abortingMs,
    closingMs,
    marginMs,
  };
}

/**
 * The window over which those leave that need not leave at once.
 * @throws {LastcallError} `ERR_LASTCALL_BUDGET` when it is longer than the drain has time for.
 */
export function planSpread(settings: Settings, { gracePeriodMs, drainingMs }: Budget): number {
  const { spread } = settings;
  if (spread === undefined) return Math.min(3_000, Math.floor(gracePeriodMs / 10), drainingMs / 2);
  if (spread < drainingMs) return spread;
  throw new LastcallError(
    "ERR_LASTCALL_BUDGET",
    `\`spread\`, ${spread} ms, does not fit into the ${drainingMs} ms that the other windows leave for ` +
      "requests in flight. Shorten it, or raise `gracePeriod`",
  );
}

/** Fixes the windows to the clock. `lameDuck` false: a terminal's Ctrl-C must feel instant. */
export function fixInstants(budget: Budget, start: number, lameDuck: boolean): Instants {
  const deadline = start + budget.gracePeriodMs;
  const end = deadline - budget.marginMs;
  const cut = end - budget.closingMs;
  const abort = cut - budget.abortingMs;
  const lameDuckMin = start + (lameDuck ? budget.lameDuckMinMs : 0);
  const lameDuckEnd = start + (lameDuck ? budget.lameDuckMs : 0);
  return { start, lameDuckMin, lameDuckEnd, abort, cut, end, deadline };
}
