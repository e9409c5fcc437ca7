import { formatDuration } from "../facts/duration.js";
import { CLIENTS } from "../facts/ledger.js";
import type { ProveResult, Verdict } from "../facts/result.js";
import { isLarger, type Share } from "../judge/chance.js";

/** What became better or worse from one result to another. */
export interface Comparison {
  /** Of this form. */
  readonly version: 1;
  readonly isWorse: boolean;
  readonly before: Compared;
  readonly after: Compared;
  /** Findings that the second result does not have any more. */
  readonly gone: readonly ComparedFinding[];
  /** Findings that the first did not have. */
  readonly added: readonly ComparedFinding[];
  /** What the two were not asked alike: the figures are then of different things. */
  readonly notAskedAlike: readonly Difference[];
}

/** What is compared of one result. */
export interface Compared {
  readonly verdict: Verdict;
  /** Refused and dropped together. */
  readonly lost: number;
  /** Those and the answered ones. */
  readonly requests: number;
  /** Of the slowest stop; null where none was seen to end. */
  readonly exitMs: number | null;
}

interface ComparedFinding {
  readonly id: string;
  readonly severity: "error" | "warning";
  readonly what: string;
}

/** Something that was asked for otherwise, in words. */
export interface Difference {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

const RANKS: Readonly<Record<Verdict, number>> = {
  pass: 0,
  fail: 1,
  "could-not-run": 2,
};

/** Compares two results of the same service: the verdict, what was lost, the time, the findings. */
export function compareResults(before: ProveResult, after: ProveResult): Comparison {
  const [was, is] = [measure(before), measure(after)];
  const added = listMissing(after, before);
  const isWorse =
    rankOf(is) > rankOf(was) ||
    compareLosses(was, is) > 0 ||
    added.some(({ severity }) => severity === "error");
  return {
    version: 1,
    isWorse,
    before: was,
    after: is,
    gone: listMissing(before, after),
    added,
    notAskedAlike: listDifferences(before, after),
  };
}

/** How bad a verdict is. */
export function rankOf({ verdict }: Compared): number {
  return RANKS[verdict];
}

/** 1 where a larger part of the requests was lost, -1 where a smaller one, 0 where it may be chance. */
export function compareLosses(before: Compared, after: Compared): number {
  const [was, is] = [shareOf(before), shareOf(after)];
  if (isLarger(is, was)) return 1;
  return isLarger(was, is) ? -1 : 0;
}

function shareOf({ lost, requests }: Compared): Share {
  return { lost, total: requests };
}

function measure({ verdict, requests: { ok, refused, dropped }, trials }: ProveResult): Compared {
  const lost = refused + dropped;
  const times = trials.flatMap(({ stops }) =>
    stops.flatMap(({ exit }) => exit.afterSignalMs ?? []),
  );
  const exitMs = times.length === 0 ? null : Math.max(...times);
  return { verdict, lost, requests: ok + lost, exitMs };
}

/** The findings of one that the other does not have. */
function listMissing(one: ProveResult, other: ProveResult): ComparedFinding[] {
  const known = new Set(other.findings.map(({ id }) => id));
  return one.findings
    .filter(({ id }) => !known.has(id))
    .map(({ id, severity, what }) => ({ id, severity, what }));
}

/** What the two were asked for; what each was found to do can be weighed only where that is the same. */
function listDifferences(before: ProveResult, after: ProveResult): Difference[] {
  const now = listConditions(after);
  return [...listConditions(before)].flatMap(([name, was]) => {
    const is = now.get(name);
    return is === undefined || is === was ? [] : [{ name, before: was, after: is }];
  });
}

/** As far as a result has them; those that it does not have are left out. */
function listConditions(result: ProveResult): ReadonlyMap<string, string> {
  const { command, graceMs, rttMs, lagMs, trials } = result;
  const clients = CLIENTS.filter((client) =>
    trials.some(({ requestsByClient }) => (requestsByClient[client]?.planned ?? 0) > 0),
  );
  return new Map([
    // What ran already has no command, and its process has another number each time.
    ...(command.length === 0 ? [] : [["command", command.join(" ")] as const]),
    ["--grace", formatDuration(graceMs)],
    ["--rtt", formatDuration(rttMs)],
    ["--lag", formatDuration(lagMs)],
    // Without one there was no load: that is said by the verdict.
    ...(clients.length === 0 ? [] : [["clients", clients.join(", ")] as const]),
  ]);
}
