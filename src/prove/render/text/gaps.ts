import { formatCount } from "../../facts/count.js";
import { formatDuration } from "../../facts/duration.js";
import type { Rollout, Gap } from "../../facts/rollout.js";
import { blank, columnOf, createScale, drawPhases, label, LABEL, renderAxis } from "./axis.js";
import { listRolloutPhases } from "./marks.js";
import { createPaint } from "../../../findings/paint.js";
import type { TimelineOptions } from "./timeline.js";
import { wrap } from "../../../findings/wrap.js";

/** Lists the times in which requests failed while a command ran; empty when there were none. */
export function renderGaps(rollouts: readonly Rollout[], width: number | undefined): string {
  const blocks = rollouts.filter(({ gaps }) => gaps.length > 0);
  return blocks.map((rollout) => renderRollout(rollout, width)).join("\n\n");
}

function renderRollout({ command, gaps, endMs }: Rollout, width: number | undefined): string {
  const head = `requests failed, counted from the start of \`${command}\`, which ran for ${formatDuration(endMs)}:`;
  const lines = gaps.map((gap) => wrap(`  ${describeGap(gap)}`, width, 4));
  return [wrap(head, width, 2), ...lines].join("\n");
}

/** `from 1.2 s to 1.9 s  14 (refused 14), none answered meanwhile`. */
export function describeGap({ firstMs, lastMs, count, answered, kinds }: Gap): string {
  const [from, to] = [formatDuration(firstMs), formatDuration(lastMs)];
  // What failed at one instant, as far as is told, says nothing of others.
  if (from === to) return `at ${from}  ${formatCount(count)} (${listKinds(kinds)})`;
  const when = `from ${from} to ${to}`;
  const rest = answered === 0 ? "none answered" : `${formatCount(answered)} answered`;
  return `${when}  ${formatCount(count)} (${listKinds(kinds)}), ${rest} meanwhile`;
}

function listKinds(kinds: Gap["kinds"]): string {
  return kinds.map(({ kind, count }) => `${kind} ${formatCount(count)}`).join(", ");
}

/** Draws when requests failed while the command ran, and after it. */
export function renderRolloutTimeline(
  rollout: Rollout,
  { width = 100, color = false }: TimelineOptions = {},
): string {
  const paint = createPaint(color);
  const { endMs, tailMs, gaps } = rollout;
  const lead = (endMs + tailMs) * 0.1;
  const scale = createScale(-lead, endMs + tailMs, width);
  const failed = blank(scale.columns);
  for (const { firstMs, lastMs } of gaps) {
    failed.fill("✗", columnOf(firstMs, scale), columnOf(lastMs, scale) + 1);
  }
  const lost = failed.join("").trimEnd();
  return [
    renderAxis(scale, "start", paint),
    "",
    paint.strong(wrap(rollout.command, scale.columns + LABEL, 2)),
    label("phase") + paint.faint(drawPhases(listRolloutPhases(rollout), scale)),
    ...(lost === "" ? [] : [label("failed") + paint.bad(lost)]),
  ].join("\n");
}
