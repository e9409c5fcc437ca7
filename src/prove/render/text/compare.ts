import { formatCount } from "../../facts/count.js";
import { formatDuration } from "../../facts/duration.js";
import {
  compareLosses,
  rankOf,
  type Compared,
  type Comparison,
  type Difference,
} from "../comparison.js";
import { printable } from "./output.js";

/** A comparison for a terminal: `+` for what is better, `-` for what is worse, `·` for what is neither. */
export function renderComparison(comparison: Comparison): string {
  const { isWorse, before, after, gone, added, notAskedAlike } = comparison;
  const lines = [
    line("verdict", before.verdict, nameVerdict(after), rankOf(after) - rankOf(before)),
    ...(after.reason === null
      ? [line("dropped requests", count(before), count(after), compareLosses(before, after))]
      : []),
    ...(before.exitMs === null || after.exitMs === null
      ? []
      : [line("signal to exit", formatDuration(before.exitMs), formatDuration(after.exitMs), 0)]),
    ...gone.map(({ id, what }) => `+ gone: ${id}: ${what}`),
    ...added.map(({ id, what }) => `- new: ${id}: ${what}`),
    ...notAskedAlike.map(describeDifference),
  ];
  return [...lines, "", isWorse ? "WORSE" : "NOT WORSE"].join("\n");
}

function describeDifference({ name, before, after }: Difference): string {
  const [was, is] = [before, after].map(printable);
  return `· not asked alike: ${name} ${String(was)} → ${String(is)}`;
}

function nameVerdict({ verdict, reason }: Compared): string {
  return reason === null ? verdict : `${verdict}: ${printable(reason)}`;
}

function line(name: string, before: string, after: string, change: number): string {
  const mark = change < 0 ? "+" : change > 0 ? "-" : "·";
  return `${mark} ${name.padEnd(16)} ${before} → ${after}`;
}

function count({ lost, requests }: Compared): string {
  return requests === 0 ? "none asked for" : `${formatCount(lost)} of ${formatCount(requests)}`;
}
