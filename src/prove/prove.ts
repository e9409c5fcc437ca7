import { CannotRunError } from "./errors.js";
import { mergeFindings } from "./findings/find.js";
import { judge, sumConfidence } from "./judge.js";
import { resolveOptions, type ProveOptions, type ResolvedOptions } from "./options.js";
import type { ProveResult, TrialResult, Verdict } from "./result.js";
import { mergeLosses, sumTallies } from "./sum.js";
import { StopTrial } from "./stop-trial.js";

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
  return summarise(options, trials);
}

async function runTrial(
  options: ResolvedOptions,
  { abort, onProgress, onRequest }: ProveOptions,
  number: number,
): Promise<TrialResult> {
  const interrupted = whenAborted(abort);
  const trial = new StopTrial(options, {
    trial: number,
    seed: (options.seed + number - 1) >>> 0,
    onPhase: (phase, load) => onProgress?.({ trial: number, trials: options.trials, phase, load }),
    onRequest: (row) => onRequest?.(row),
  });
  try {
    return await Promise.race([trial.run(), interrupted.promise]);
  } finally {
    interrupted.forget();
    await trial.close();
  }
}

function summarise(options: ResolvedOptions, trials: readonly TrialResult[]): ProveResult {
  return {
    version: 1,
    verdict: worst(trials.map(({ verdict }) => verdict)),
    command: options.command,
    seed: options.seed,
    graceMs: options.grace,
    rttMs: options.rtt,
    lagMs: options.lag,
    criteria: judge(trials, options),
    requests: sumTallies(trials.map(({ requests }) => requests)),
    confidence: sumConfidence(trials.flatMap(({ stops }) => stops)),
    losses: mergeLosses(trials.flatMap(({ losses }) => losses)),
    findings: mergeFindings(trials.map(({ findings }) => findings)),
    trials,
  };
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
