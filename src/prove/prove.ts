import { listChecked } from "./findings/checked.js";
import { CannotRunError } from "./errors.js";
import { createTrial } from "./create-trial.js";
import { addInspected, hasError, mergeFindings } from "./findings/find.js";
import type { Finding } from "./findings/finding.js";
import { inspectService } from "./inspect/inspect.js";
import type { InspectionResult } from "./inspect/result.js";
import { InspectTrial } from "./inspect/trial.js";
import { sumConfidence } from "./judge.js";
import { judgeAll } from "./judge-all.js";
import { resolveOptions, type ProveOptions, type ResolvedOptions } from "./options.js";
import { describePointing } from "./pointing.js";
import type { ProveResult, TrialResult, Verdict } from "./result.js";
import { mergeLosses, sumTallies } from "./sum.js";
import type { Trial } from "./trial.js";

/**
 * Starts a service, loads it, stops it, and says what happened to every request.
 *
 * Resolves with the verdict, also when it is a failure. Rejects with a {@link CannotRunError} when
 * there is none. Either way no process it started is left.
 */
export async function prove(given: ProveOptions): Promise<ProveResult> {
  const options = resolveOptions(given);
  const trials: TrialResult[] = [];
  for (let trial = 1; trial <= options.trials; trial += 1) {
    trials.push(await runTrial(options, given, trial));
  }
  const inspection = options.inspect ? await inspect(options, given) : null;
  return summarise(options, trials, inspection);
}

async function runTrial(
  options: ResolvedOptions,
  { abort, onProgress, onRequest }: ProveOptions,
  number: number,
): Promise<TrialResult> {
  const trial = createTrial(options, {
    trial: number,
    seed: (options.seed + number - 1) >>> 0,
    onPhase: (phase, load) => onProgress?.({ trial: number, trials: options.trials, phase, load }),
    onRequest: (row) => onRequest?.(row),
  });
  return runUnlessAborted(trial, abort);
}

function inspect(
  options: ResolvedOptions,
  { abort, onProgress }: ProveOptions,
): Promise<InspectionResult> {
  const { trials, seed } = options;
  return inspectService((name, index) => {
    const trial = trials + index + 1;
    const inspectTrial = new InspectTrial(name, options, {
      trial,
      seed,
      onPhase: (phase, load) => onProgress?.({ trial, trials, phase, load }),
      onRequest: () => {},
    });
    return runUnlessAborted(inspectTrial, abort);
  });
}

async function runUnlessAborted<Result>(
  trial: Trial<Result>,
  abort: AbortSignal | undefined,
): Promise<Result> {
  const interrupted = whenAborted(abort);
  try {
    return await Promise.race([trial.run(), interrupted.promise]);
  } finally {
    interrupted.forget();
    await trial.close();
  }
}

function summarise(
  options: ResolvedOptions,
  trials: readonly TrialResult[],
  inspection: InspectionResult | null,
): ProveResult {
  const merged = mergeFindings(trials.map(({ findings }) => findings));
  const findings = addInspected(merged, inspection);
  return {
    version: 1,
    verdict: worst([
      ...trials.map(({ verdict }) => verdict),
      ...judgeInspection(inspection, findings),
    ]),
    subject: describePointing(options.pointing),
    command: options.pointing.way === "start" ? options.pointing.command : [],
    seed: options.seed,
    graceMs: options.grace,
    rttMs: options.rtt,
    lagMs: options.lag,
    criteria: judgeAll(trials, options),
    requests: sumTallies(trials.map(({ requests }) => requests)),
    confidence: sumConfidence(trials.flatMap(({ stops }) => stops)),
    losses: mergeLosses(trials.flatMap(({ losses }) => losses)),
    findings,
    checked: listChecked(options),
    notes: [...new Set(trials.flatMap(({ notes }) => notes))],
    trials,
    inspection,
  };
}

function judgeInspection(
  inspection: InspectionResult | null,
  findings: readonly Finding[],
): Verdict[] {
  if (inspection === null) return [];
  if (inspection.faults.length > 0) return ["could-not-run"];
  return [hasError(findings) ? "fail" : "pass"];
}

function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("could-not-run")) return "could-not-run";
  return verdicts.includes("fail") ? "fail" : "pass";
}

function whenAborted(signal: AbortSignal | undefined): {
  promise: Promise<never>;
  forget: () => void;
} {
  let forget = (): void => {};
  const promise = new Promise<never>((_resolve, reject) => {
    const tell = (): void => reject(new CannotRunError("PROVE_INTERRUPTED", "interrupted"));
    if (signal?.aborted === true) tell();
    signal?.addEventListener("abort", tell, { once: true });
    forget = () => signal?.removeEventListener("abort", tell);
  });
  return { promise, forget };
}
