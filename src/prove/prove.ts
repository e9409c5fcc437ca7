// prove/: the prover. This file is its sequence: check, gather, run the trials, inspect, sum up. Each folder
// imports only those that come before it in scripts/layout/plan.mjs.
import { CannotRunError } from "./facts/errors.js";
import type { Finding } from "./facts/finding.js";
import type { InspectionResult } from "./facts/inspection.js";
import type { ProveResult, TrialResult, Verdict } from "./facts/result.js";
import { listChecked } from "./findings/checked.js";
import { addInspected, hasError, mergeFindings } from "./findings/find.js";
import { inspectService } from "./inspect/inspect.js";
import { InspectTrial } from "./inspect/trial.js";
import { judgeAll } from "./judge/judge-all.js";
import { sumConfidence } from "./judge/judge.js";
import { mergeLosses, sumTallies } from "./judge/sum.js";
import { listAsked } from "./options/asked.js";
import { checkOptions } from "./options/check.js";
import type { ProveOptions } from "./options/options.js";
import { describePointing } from "./options/pointing.js";
import { resolveOptions, type ResolvedOptions } from "./options/resolve.js";
import { gatherRequests, UnusableFilesError, type Gathered } from "./traffic/gather.js";
import { createTrial } from "./trial/create-trial.js";
import type { Trial } from "./trial/trial.js";

/**
 * Starts a service, loads it, stops it, and says what happened to every request. Prints nothing.
 *
 * Resolves to the result, also when its verdict is that it failed. Rejects with a {@link CannotRunError} where it
 * could not even begin, or was interrupted. Either way no process it started is left.
 */
export async function prove(given: ProveOptions): Promise<ProveResult> {
  checkOptions(given);
  const gathered = await gather(given);
  const requests = [...(given.requests ?? []), ...(gathered?.requests ?? [])];
  const options = resolveOptions(gathered === undefined ? given : { ...given, requests });
  const trials: TrialResult[] = [];
  for (let trial = 1; trial <= options.trials; trial += 1) {
    trials.push(await runTrial(options, given, trial));
  }
  const inspection = options.inspect ? await inspect(options, given) : null;
  return summarise(options, trials, inspection, gathered?.notes ?? []);
}

async function gather(options: ProveOptions): Promise<Gathered | undefined> {
  try {
    return await gatherRequests(options, process.env, (name) => `\`${name}\``);
  } catch (error) {
    if (!(error instanceof UnusableFilesError)) throw error;
    throw new CannotRunError("PROVE_BAD_OPTION", error.message, { cause: error });
  }
}

async function runTrial(
  options: ResolvedOptions,
  { abort, onProgress, onRequest, onOutput }: ProveOptions,
  number: number,
): Promise<TrialResult> {
  const trial = createTrial(options, {
    trial: number,
    seed: (options.seed + number - 1) >>> 0,
    onPhase: (phase, load) => onProgress?.({ trial: number, trials: options.trials, phase, load }),
    onRequest: (row) => onRequest?.(row),
    onOutput: (line) => onOutput?.(line),
  });
  return runUnlessAborted(trial, abort);
}

function inspect(
  options: ResolvedOptions,
  { abort, onProgress, onOutput }: ProveOptions,
): Promise<InspectionResult> {
  const { trials, seed } = options;
  return inspectService((name, index) => {
    const trial = trials + index + 1;
    const inspectTrial = new InspectTrial(name, options, {
      trial,
      seed,
      onPhase: (phase, load) => onProgress?.({ trial, trials, phase, load }),
      onRequest: () => {},
      onOutput: (line) => onOutput?.(line),
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
  notes: readonly string[],
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
    asked: listAsked(options),
    criteria: judgeAll(trials, options),
    requests: sumTallies(trials.map(({ requests }) => requests)),
    confidence: sumConfidence(trials.flatMap(({ stops }) => stops)),
    losses: mergeLosses(trials.flatMap(({ losses }) => losses)),
    findings,
    checked: listChecked(options),
    notes: [...new Set([...notes, ...trials.flatMap((trial) => trial.notes)])],
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
