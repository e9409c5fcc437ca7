import { findFaults } from "./fault.js";
import { gatherFacts } from "./findings/facts.js";
import { findFindings, findRolloutFindings, hasError } from "./findings/find.js";
import { judge } from "./judge.js";
import { judgeRollouts } from "./judge-rollout.js";
import { tally } from "./ledger.js";
import type { LoadOutcome } from "./load/start.js";
import { observeStop } from "./observe.js";
import type { ResolvedOptions } from "./options.js";
import { originOf, type Origin } from "./origin.js";
import type { TrialResult } from "./result.js";
import type { Rollout } from "./rollout.js";
import { toRow } from "./row.js";
import type { Stop } from "./stop.js";
import { sumLosses, tallyByClient } from "./sum.js";
import type { TrialContext } from "./trial.js";

/** What a trial has seen. */
export interface Seen {
  readonly context: TrialContext;
  readonly outcome: LoadOutcome;
  readonly notes: readonly string[];
}

/** Puts a trial's stops and what its clients saw together. Tells each request's end. */
export function concludeStops(
  stops: readonly Stop[],
  seen: Seen,
  options: ResolvedOptions,
): TrialResult {
  const { context, outcome } = seen;
  const facts = stops.map((stop) => {
    const result = observeStop(stop, outcome, options);
    return gatherFacts({ trial: context.trial, asked: options, stop, result, outcome });
  });
  const results = facts.map(({ stop }) => stop);
  const requests = tally(outcome.planned, outcome.entries);
  const criteria = judge([{ requests, stops: results }], options);
  const judged = { criteria, findings: findFindings(facts) };
  return { ...conclude(seen, judged, originOf(stops)), stops: results, rollout: null };
}

/** The same of a command that ran under load. `startedAt` is `now()`. */
export function concludeRollout(rollout: Rollout, seen: Seen, startedAt: number): TrialResult {
  const requests = tally(seen.outcome.planned, seen.outcome.entries);
  const findings = findRolloutFindings({ trial: seen.context.trial, rollout });
  const judged = { criteria: judgeRollouts([{ requests, rollout }]), findings };
  return { ...conclude(seen, judged, () => startedAt), stops: [], rollout };
}

function conclude(
  { context, outcome, notes }: Seen,
  { criteria, findings }: Pick<TrialResult, "criteria" | "findings">,
  origin: Origin,
): Omit<TrialResult, "stops" | "rollout"> {
  const { entries, connections, planned } = outcome;
  const faults = findFaults(outcome);
  const hasPassed = criteria.every(({ passed }) => passed !== false) && !hasError(findings);
  for (const entry of entries) context.onRequest(toRow(entry, origin, context.trial));
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
    notes,
    noise: outcome.noise,
    faults,
  };
}
