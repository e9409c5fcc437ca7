import { LastcallError } from "./errors.js";

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

/** What the options say of the windows, in milliseconds. */
export interface Windows {
  readonly gracePeriod: number;
  /** The bounds that were given; `max` 0: no lame duck. */
  readonly lameDuck: { readonly min: number | undefined; readonly max: number | undefined };
  readonly abortWindow: number;
  readonly closingWindow: number;
  readonly margin: number;
  readonly closeSpread: Spread;
  /** The environment variables that had a say. */
  readonly variables: readonly string[];
}

/** The window over which those leave that need not leave at once. A usual one gives way where time is short. */
export interface Spread {
  readonly ms: number;
  readonly isUsual: boolean;
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
  /** The grace period is over; a process that is still here is killed. */
  readonly deadline: number;
}

/**
 * Less than this for requests in flight is no drain: the field's usual 1 s defaults cut every report
 * and upload. It is a floor that catches arithmetic slips, not a recommendation. Of a grace period
 * under a second a quarter is enough.
 */
const LEAST_DRAINING = 250;

/**
 * What a lame duck lasts wherever the budget allows, in ms. On a Kubernetes cluster kube-proxy routed the last new
 * connection 212 ms after the delete in the median and 1,305 ms at most, in ten rolling restarts.
 * `lastcall prove` stands in for a balancer that takes 1,500 ms.
 */
const USUAL_LAME_DUCK = 2_000;

/** What it lasts at most unless it is given, in ms: a sixth of the grace period, up to this. */
const LONGEST_LAME_DUCK = 5_000;

/**
 * Divides the grace period into windows.
 * @throws {LastcallError} `ERR_LASTCALL_BUDGET` when they do not fit, with the sum.
 */
export function planBudget(windows: Windows): Budget {
  const { gracePeriod: total, lameDuck } = windows;
  const { abortWindow: abortingMs, closingWindow: closingMs, margin: marginMs } = windows;
  const servingMs = total - abortingMs - closingMs - marginMs;
  const usual = Math.max(USUAL_LAME_DUCK, Math.min(LONGEST_LAME_DUCK, Math.floor(total / 6)));
  const lameDuckMs = lameDuck.max ?? Math.max(0, Math.floor(Math.min(usual, servingMs / 2)));
  const lameDuckMinMs = lameDuck.min ?? Math.min(USUAL_LAME_DUCK, lameDuckMs);
  const drainingMs = servingMs - lameDuckMs;
  const leastMs = Math.min(LEAST_DRAINING, total / 4);
  if (drainingMs < leastMs) {
    throw misfit(
      windows,
      `The windows do not fit into the grace period: lameDuck ${lameDuckMs} + abortWindow ${abortingMs} + ` +
        `closingWindow ${closingMs} + margin ${marginMs} = ${total - drainingMs} ms of ${total} ms, which leaves ` +
        `${drainingMs} ms for requests in flight; at least ${leastMs} ms are needed. ` +
        "Raise `gracePeriod` (and the platform's own, such as terminationGracePeriodSeconds), or shorten a window",
    );
  }
  if (lameDuckMinMs > lameDuckMs) {
    throw misfit(
      windows,
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
 * The window over which those leave that need not leave at once, in milliseconds.
 * @throws {LastcallError} `ERR_LASTCALL_BUDGET` when it is longer than the drain has time for.
 */
export function planSpread(windows: Windows, { drainingMs }: Budget): number {
  const { ms, isUsual } = windows.closeSpread;
  if (isUsual) return Math.min(ms, drainingMs / 2);
  if (ms < drainingMs) return ms;
  throw misfit(
    windows,
    `\`closeSpread\`, ${ms} ms, does not fit into the ${drainingMs} ms that the other windows leave for ` +
      "requests in flight. Shorten it, or raise `gracePeriod`",
  );
}

/** The error for windows that do not fit, which names the variables that have set some of them. */
function misfit({ variables }: Windows, message: string): LastcallError {
  const from = variables.length === 0 ? "" : `. From the environment: ${variables.join(", ")}`;
  return new LastcallError("ERR_LASTCALL_BUDGET", `${message}${from}`);
}

/**
 * The same windows in less time, and never in more. The time for requests in flight gives first, up to a half of it:
 * balancers need theirs. Where that does not suffice, each window keeps its share.
 */
export function shrinkBudget(budget: Budget, gracePeriodMs: number): Budget {
  const missing = Math.max(0, budget.gracePeriodMs - gracePeriodMs);
  if (missing <= budget.drainingMs / 2) {
    const { gracePeriodMs: whole, drainingMs } = budget;
    return { ...budget, gracePeriodMs: whole - missing, drainingMs: drainingMs - missing };
  }
  const share = gracePeriodMs / budget.gracePeriodMs;
  const windows = Object.entries(budget).map(([name, time]) => [name, Math.floor(time * share)]);
  return Object.fromEntries(windows) as Budget;
}

/** How much of the grace period an event loop that did not turn may have cost; what is left is for the drain. */
const MOST_BLOCKED = 0.9;

/** Why a drain has less time than its budget says; all windows shrink by the same share. */
interface Shortened {
  /** How long the event loop had not turned when the signal was seen: the platform counts since it sent the signal. */
  readonly blockedMs?: number;
  /** What it may take at most: in development someone waits for the successor. */
  readonly longestMs?: number | undefined;
}

/** Fixes the windows to the clock. `lameDuck` false: a terminal's Ctrl-C must feel instant. */
export function fixInstants(
  budget: Budget,
  start: number,
  lameDuck: boolean,
  { blockedMs = 0, longestMs = budget.gracePeriodMs }: Shortened = {},
): Instants {
  const left = 1 - Math.min(blockedMs / budget.gracePeriodMs, MOST_BLOCKED);
  const share = Math.min(left, longestMs / budget.gracePeriodMs);
  const after = (time: number): number => start + time * share;
  const end = budget.gracePeriodMs - budget.marginMs;
  const cut = end - budget.closingMs;
  return {
    start,
    lameDuckMin: after(lameDuck ? budget.lameDuckMinMs : 0),
    lameDuckEnd: after(lameDuck ? budget.lameDuckMs : 0),
    abort: after(cut - budget.abortingMs),
    cut: after(cut),
    end: after(end),
    deadline: after(budget.gracePeriodMs),
  };
}
