// text/: the result for a terminal.
import type { ProveResult } from "../../facts/result.js";
import { listFaults } from "../../judge/fault.js";
import { renderCriteria } from "./criteria.js";
import { renderFindings, renderFindingsBriefly } from "../../../findings/text.js";
import { renderGaps } from "./gaps.js";
import { renderLosses } from "./losses.js";
import { createPaint, type Paint } from "../../../findings/paint.js";
import { renderOutput } from "./output.js";
import { renderTrials } from "./trials.js";
import { wrap } from "../../../findings/wrap.js";

export interface RenderOptions {
  /** Default: false. */
  readonly color?: boolean;
  /** Columns after which a line is broken. Default: lines are as long as what they say. */
  readonly width?: number;
  /** Whether a finding is what was seen and where to read on, and no more. Default: false. */
  readonly isBrief?: boolean;
}

/** Writes the verdict for people: criterion and measured value side by side, then PASS or FAIL. */
export function renderVerdict(result: ProveResult, options: RenderOptions = {}): string {
  const { width, isBrief = false } = options;
  const paint = createPaint(options.color ?? false);
  const rollouts = result.trials.flatMap(({ rollout }) => rollout ?? []);
  const origin = rollouts.length > 0 ? "the command's start" : "the signal";
  const parts = [
    renderCriteria(result.criteria, paint, width),
    renderTrials(result.trials, paint, width),
    renderLosses(result.losses, origin, width),
    renderGaps(rollouts, width),
    (isBrief ? renderFindingsBriefly : renderFindings)(result.findings, paint, width),
    isBrief ? "" : renderOutput(result, paint, width),
    result.notes.map((note) => wrap(`note: ${note}`, width, 2)).join("\n"),
    renderFaults(result, width),
    renderEnd(result, paint),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

const FAULTS_SHOWN = 5;

function renderFaults(result: ProveResult, width: number | undefined): string {
  const faults = listFaults(result);
  if (faults.length === 0) return "";
  const shown = faults.slice(0, FAULTS_SHOWN).map((fault) => wrap(`  ${fault}`, width, 4));
  const left = faults.length - shown.length;
  const more = left > 0 ? [`  … and ${String(left)} more`] : [];
  return ["no verdict, because:", ...shown, ...more].join("\n");
}

function renderEnd({ verdict, trials, seed }: ProveResult, paint: Paint): string {
  if (verdict === "could-not-run") {
    const hasFailed = trials.some(({ faults }) => faults.length > 0);
    const why = hasFailed ? "nothing can be said of the service" : "the service was not inspected";
    return paint.bad(`NO VERDICT: ${why}`);
  }
  const word = verdict === "pass" ? paint.good("PASS") : paint.bad("FAIL");
  const passed = trials.filter((trial) => trial.verdict === "pass").length;
  const share = trials.length === 1 ? "" : `  ${String(passed)} of ${String(trials.length)} trials`;
  return `${paint.strong(word)}${share}  ${paint.faint(`seed ${String(seed)}`)}`;
}
