import { findFaults } from "./fault.js";
import { gatherFacts } from "./findings/facts.js";
import { findFindings, hasError } from "./findings/find.js";
import { judge } from "./judge.js";
import { tally } from "./ledger.js";
import type { LoadOutcome } from "./load/start.js";
import { observeStop } from "./observe.js";
import type { ResolvedOptions } from "./options.js";
import { originOf } from "./origin.js";
import type { TrialResult } from "./result.js";
import { toRow } from "./row.js";
import type { Stop } from "./stop.js";
import { sumLosses, tallyByClient } from "./sum.js";
import type { TrialContext } from "./trial.js";

/** Puts a trial's stops and what its clients saw together. Tells each request's end. */
export function concludeStops(
  stops: readonly Stop[],
  outcome: LoadOutcome,
  options: ResolvedOptions,
  { trial, seed, onRequest }: TrialContext,
): TrialResult {
  const { entries, connections, planned } = outcome;
  const requests = tally(planned, entries);
  const faults = findFaults(outcome);
  const facts = stops.map((stop) => {
    const result = observeStop(stop, outcome, options);
    return gatherFacts({ trial, asked: options, stop, result, outcome });
  });
  const results = facts.map(({ stop }) => stop);
  const findings = findFindings(facts);
  const criteria = judge([{ requests, stops: results }], options);
  const hasPassed = criteria.every(({ passed }) => passed !== false) && !hasError(findings);
  const origin = originOf(stops);
  for (const entry of entries) onRequest(toRow(entry, origin, trial));
  return {
    trial,
    seed,
    verdict: faults.length > 0 ? "could-not-run" : hasPassed ? "pass" : "fail",
    criteria,
    requests,
    requestsByClient: tallyByClient(entries),
    connections: connections.length,
    losses: sumLosses(entries, origin),
    findings,
    stops: results,
    faults,
  };
}
