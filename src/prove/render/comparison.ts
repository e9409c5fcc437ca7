import type { AskedOption, ProveResult, Verdict } from "../facts/result.js";
import { isLarger, type Share } from "../judge/chance.js";
import { listFaults } from "../judge/fault.js";

/** What is printed in place of a result when there is none. */
export interface WithoutResult {
  readonly verdict: "could-not-run";
  readonly error: { readonly message: string };
}

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
  /** Why it has no verdict; null where it has one. */
  readonly reason: string | null;
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

/**
 * Compares two results of the same service: the verdict, what was lost, the time, the findings. Where the second
 * has no verdict that is all there is to say.
 */
export function compareResults(
  before: ProveResult,
  after: ProveResult | WithoutResult,
): Comparison {
  const [was, is] = [measure(before), measure(after)];
  const isKnown = !isWithoutResult(after) && is.verdict !== "could-not-run";
  const added = isKnown ? listMissing(after, before) : [];
  const isWorse =
    rankOf(is) > rankOf(was) ||
    compareLosses(was, is) > 0 ||
    added.some(({ severity }) => severity === "error");
  return {
    version: 1,
    isWorse,
    before: was,
    after: is,
    gone: isKnown ? listMissing(before, after) : [],
    added,
    notAskedAlike: isWithoutResult(after) ? [] : listDifferences(before, after),
  };
}

function isWithoutResult(result: ProveResult | WithoutResult): result is WithoutResult {
  return "error" in result;
}

/** Why a result has no verdict; null where it has one. */
export function findReason(result: ProveResult | WithoutResult): string | null {
  if (isWithoutResult(result)) return result.error.message;
  return result.verdict === "could-not-run" ? listFaults(result).join("; ") : null;
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

function measure(result: ProveResult | WithoutResult): Compared {
  const { verdict } = result;
  const reason = findReason(result);
  if (isWithoutResult(result)) return { verdict, lost: 0, requests: 0, exitMs: null, reason };
  const { ok, refused, dropped } = result.requests;
  const lost = refused + dropped;
  const times = result.trials.flatMap(({ stops }) =>
    stops.flatMap(({ exit }) => exit.afterSignalMs ?? []),
  );
  const exitMs = times.length === 0 ? null : Math.max(...times);
  return { verdict, lost, requests: ok + lost, exitMs, reason };
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
  const [was, is] = [before, after].map(listConditions) as [Conditions, Conditions];
  const names = new Set([...was.keys(), ...is.keys()]);
  return [...names].flatMap((name) => compareValues(name, was.get(name), is.get(name)));
}

/** By its name what an option was asked with. */
type Conditions = ReadonlyMap<string, readonly string[]>;

function listConditions({ command, asked }: ProveResult): Conditions {
  return new Map([
    // What ran already has no command, and its process has another number each time.
    ...(command.length === 0 ? [] : [["command", [command.join(" ")]] as const]),
    ...asked.map(({ option, values }: AskedOption) => [option, values] as const),
  ]);
}

type Values = readonly string[] | undefined;

function compareValues(name: string, was: Values, is: Values): Difference[] {
  if (was !== undefined && is !== undefined && was.join("\n") === is.join("\n")) return [];
  const [only, instead] = [without(was, is), without(is, was)];
  // Of one that has none of its own there would be nothing to show.
  const isAll = only?.length === 0 || instead?.length === 0;
  return [{ name, before: show(isAll ? was : only), after: show(isAll ? is : instead) }];
}

/** Of many, those that the other does not have. */
function without(values: Values, others: Values): Values {
  return values?.filter((value) => others?.includes(value) !== true);
}

function show(values: Values): string {
  if (values === undefined) return "not asked for";
  return values.length === 0 ? "asked for" : values.join(", ");
}
