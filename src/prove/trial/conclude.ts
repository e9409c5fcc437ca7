import { formatCount } from "../facts/count.js";
import { sumEffects, type EffectCounts } from "../facts/effects.js";
import { tally } from "../facts/ledger.js";
import type { Finding } from "../facts/finding.js";
import { originOf, type Origin } from "../facts/origin.js";
import type { TrialResult, Silence } from "../facts/result.js";
import type { Rollout } from "../facts/rollout.js";
import { toRow, type RequestRow } from "../facts/row.js";
import type { KeepAlive, Stop } from "../facts/stop.js";
import type { EffectFacts, RolloutFacts } from "../findings/facts.js";
import {
  findEffectFindings,
  findFindings,
  findRolloutFindings,
  hasError,
} from "../findings/find.js";
import { gatherFacts } from "../findings/gather-facts.js";
import { findInstances, findReused, listStaying } from "../findings/rollout/instances.js";
import { findFaults } from "../judge/fault.js";
import { findEffectFault } from "../judge/judge-effects.js";
import { judgeRollouts } from "../judge/judge-rollout.js";
import { judge } from "../judge/judge.js";
import { observeStop } from "../judge/observe.js";
import { measureSilence } from "../judge/silence.js";
import { sumLosses, tallyByClient } from "../judge/sum.js";
import type { LoadOutcome } from "../load/start.js";
import type { ResolvedOptions } from "../options/resolve.js";
import type { TrialContext } from "./trial.js";

/** What a trial has seen. */
export interface Seen {
  readonly context: TrialContext;
  readonly outcome: LoadOutcome;
  readonly notes: readonly string[];
  /** Null where they were not asked for. */
  readonly effects: EffectCounts | null;
}

/** What a trial that stops services has seen. */
export interface SeenStops extends Seen {
  readonly keepAlive: KeepAlive | null;
}

/** Puts a trial's stops and what its clients saw together. Tells each request's end. */
export function concludeStops(
  stops: readonly Stop[],
  seen: SeenStops,
  options: ResolvedOptions,
): TrialResult {
  const { context, outcome, keepAlive } = seen;
  const facts = stops.map((stop) => {
    const result = observeStop(stop, outcome, options);
    return gatherFacts({ trial: context.trial, asked: options, stop, result, outcome, keepAlive });
  });
  const results = facts.map(({ stop }) => stop);
  const requests = tally(outcome.planned, outcome.entries);
  const silence = options.restarts === 0 ? null : measureRestarts(stops, outcome, options);
  const rows = listRows(seen, originOf(stops));
  const effects = seen.effects === null ? null : sumEffects(rows, seen.effects);
  const criteria = judge([{ requests, stops: results, silence, effects }], options);
  const findings = [...findFindings(facts), ...judgeEffectsOf(seen, rows, "the signal")];
  const rest = { stops: results, rollout: null, silence, effects };
  return { ...conclude(seen, { criteria, findings, effects, rows }, originOf(stops)), ...rest };
}

/** Some generation is there to be asked from the first signal until the last one's lag is over. */
function measureRestarts(
  stops: readonly Stop[],
  outcome: LoadOutcome,
  { lag, silence }: ResolvedOptions,
): Silence | null {
  const signals = stops.map(({ signalledAt }) => signalledAt);
  const window = { origin: Math.min(...signals), to: Math.max(...signals) + lag };
  return measureSilence(outcome, { ...window, limitMs: silence });
}

/** The same of a command that ran under load. `startedAt` is `now()`. */
export function concludeRollout(
  rollout: Rollout,
  seen: Seen,
  { startedAt, limitMs, rtt }: { startedAt: number; limitMs: number; rtt: number },
): TrialResult {
  const requests = tally(seen.outcome.planned, seen.outcome.entries);
  const { trial } = seen.context;
  const rows = listRows(seen, () => startedAt);
  const [reused, instances] = [findReused(rows), findInstances(rows)];
  const facts = { trial, rollout, rtt, requests: rows, reused, instances };
  const effects = seen.effects === null ? null : sumEffects(rows, seen.effects);
  const findings = [
    ...findRolloutFindings(facts),
    ...judgeEffectsOf(seen, rows, "the command's start"),
  ];
  const to = startedAt + rollout.endMs + rollout.tailMs;
  const silence = measureSilence(seen.outcome, { origin: startedAt, to, limitMs });
  const criteria = judgeRollouts([{ requests, rollout, silence, effects }]);
  const noted = { ...seen, notes: [...seen.notes, ...describeTail(facts)] };
  const concluded = conclude(noted, { criteria, findings, effects, rows }, () => startedAt);
  return { ...concluded, stops: [], rollout, silence, effects };
}

function listRows({ context, outcome }: Seen, origin: Origin): readonly RequestRow[] {
  return outcome.entries.map((entry) => toRow(entry, origin, context.trial));
}

function judgeEffectsOf(
  { context, effects: counts }: Seen,
  requests: readonly RequestRow[],
  origin: EffectFacts["origin"],
): Finding[] {
  if (counts === null) return [];
  return findEffectFindings({ trial: context.trial, origin, requests, counts });
}

/** What the end of the run leaves open. */
function describeTail(facts: RolloutFacts): string[] {
  if (facts.instances.size === 0) {
    return [
      "which instances stopped, and when, could not be seen: where answers name theirs, say so with --instance-header",
    ];
  }
  const staying = listStaying(facts);
  if (staying.length === 0) return [];
  const still = `${staying.join(", ")} answered before the command and to the end`;
  return [`${still}: when they have to stop too, the run was over before (try a longer --tail)`];
}

function conclude(
  { context, outcome, notes }: Seen,
  {
    criteria,
    findings,
    effects,
    rows,
  }: Pick<TrialResult, "criteria" | "findings" | "effects"> & { rows: readonly RequestRow[] },
  origin: Origin,
): Omit<TrialResult, "stops" | "rollout" | "silence" | "effects"> {
  const { entries, connections, planned } = outcome;
  const fault = effects === null ? undefined : findEffectFault(effects);
  const faults = [...findFaults(outcome), ...(fault === undefined ? [] : [fault])];
  const hasPassed = criteria.every(({ passed }) => passed !== false) && !hasError(findings);
  for (const row of rows) context.onRequest(row);
  return {
    trial: context.trial,
    seed: context.seed,
    verdict: faults.length > 0 ? "could-not-run" : hasPassed ? "pass" : "fail",
    criteria,
    requests: tally(planned, entries),
    requestsByClient: tallyByClient(entries),
    connections: connections.length,
    losses: sumLosses(entries, origin),
    // What cannot be judged must not be explained either: a finding would be a guess.
    findings: faults.length > 0 ? [] : findings,
    notes: [...notes, ...outcome.doubts, ...describeStreams(rows)],
    noise: outcome.noise,
    faults,
  };
}

/** They are no loss to an EventSource, and others have something to say of them. */
function describeStreams(rows: readonly RequestRow[]): string[] {
  const count = rows.filter(({ kind }) => kind === "between-events").length;
  if (count === 0) return [];
  const ended = count === 1 ? "event stream ended" : "event streams ended";
  return [
    `${formatCount(count)} ${ended} between two events without a last chunk: an EventSource connects again, other clients and proxies take it for an error`,
  ];
}
