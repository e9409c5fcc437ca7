import { formatCount } from "../judge.js";
import { formatDuration } from "../duration.js";
import { listFaults } from "../fault.js";
import type { Criterion, Loss, ProveResult } from "../result.js";
import { renderFindings } from "./findings.js";
import { renderGaps } from "./gaps.js";
import { createPaint, type Paint } from "./paint.js";
import { describeSeen } from "./seen.js";
import { nameCriterion } from "./words.js";

export interface RenderOptions {
  /** Default: false. */
  readonly color?: boolean;
}

/** Writes the verdict for people: criterion and measured value side by side, then PASS or FAIL. */
export function renderVerdict(result: ProveResult, options: RenderOptions = {}): string {
  const paint = createPaint(options.color ?? false);
  const { criteria, losses } = result;
  const width = Math.max(...criteria.map((criterion) => nameCriterion(criterion).length));
  const lines = criteria.map((criterion) => renderCriterion(criterion, width, paint));
  const findings = renderFindings(result.findings, paint);
  const rollouts = result.trials.flatMap(({ rollout }) => rollout ?? []);
  const origin = rollouts.length > 0 ? "the command's start" : "the signal";
  const parts = [
    lines.join("\n"),
    renderLosses(losses, origin),
    renderGaps(rollouts),
    findings,
    result.notes.map((note) => `note: ${note}`).join("\n"),
    renderFaults(result),
  ];
  return [...parts.filter((part) => part !== ""), renderEnd(result, paint)].join("\n\n");
}

function renderCriterion(criterion: Criterion, width: number, paint: Paint): string {
  const { passed, measured } = criterion;
  const mark = passed === null ? "·" : passed ? paint.good("✓") : paint.bad("✗");
  const value = passed === false ? paint.bad(measured) : measured;
  return `${mark} ${nameCriterion(criterion).padEnd(width)}   ${value}`;
}

/** What the clients saw, which clients they were, and when it began. */
function renderLosses(losses: readonly Loss[], origin: string): string {
  const groups = new Map<string, Loss[]>();
  for (const loss of losses) {
    const seen = describeSeen(loss.outcome, loss.kind) ?? loss.kind;
    groups.set(seen, [...(groups.get(seen) ?? []), loss]);
  }
  const rows = [...groups].map(([seen, group]) => {
    const count = group.reduce((sum, loss) => sum + loss.count, 0);
    const first = Math.min(...group.map(({ firstMs }) => firstMs));
    const clients = group.map(({ client, count: n }) => `${client} ${formatCount(n)}`).join(", ");
    return { seen, count: formatCount(count), first: describeFirst(first, origin), clients };
  });
  const width = (key: "seen" | "count" | "first"): number =>
    Math.max(...rows.map((row) => row[key].length));
  return rows
    .map(
      ({ seen, count, first, clients }) =>
        `  ${seen.padEnd(width("seen"))}  ${count.padStart(width("count"))}  ${first.padEnd(width("first"))}  ${clients}`,
    )
    .join("\n");
}

function describeFirst(ms: number, origin: string): string {
  return ms < 0
    ? `first ${formatDuration(-ms)} before ${origin}`
    : `first ${formatDuration(ms)} after ${origin}`;
}

function renderFaults(result: ProveResult): string {
  const faults = listFaults(result);
  if (faults.length === 0) return "";
  const shown = faults.slice(0, 5).map((fault) => `  ${fault}`);
  const more = faults.length > 5 ? [`  … and ${String(faults.length - 5)} more`] : [];
  return ["no verdict, because:", ...shown, ...more].join("\n");
}

function renderEnd({ verdict, trials, seed }: ProveResult, paint: Paint): string {
  if (verdict === "could-not-run") {
    const hasFailed = trials.some(({ faults }) => faults.length > 0);
    const why = hasFailed ? "the prover failed, not the service" : "the service was not inspected";
    return paint.bad(`NO VERDICT: ${why}`);
  }
  const word = verdict === "pass" ? paint.good("PASS") : paint.bad("FAIL");
  const passed = trials.filter((trial) => trial.verdict === "pass").length;
  const share = trials.length === 1 ? "" : `  ${String(passed)} of ${String(trials.length)} trials`;
  return `${paint.strong(word)}${share}  ${paint.faint(`seed ${String(seed)}`)}`;
}
