import { formatDuration } from "../duration.js";
import { formatCount } from "../judge.js";
import type { Gap, Rollout } from "../rollout.js";

/** Lists the times in which requests failed while a command ran; empty when there were none. */
export function renderGaps(rollouts: readonly Rollout[]): string {
  const blocks = rollouts.filter(({ gaps }) => gaps.length > 0).map(renderRollout);
  return blocks.join("\n\n");
}

function renderRollout({ command, gaps, endMs }: Rollout): string {
  const head = `requests failed, counted from the start of \`${command}\`, which ran for ${formatDuration(endMs)}:`;
  return [head, ...gaps.map(renderGap)].join("\n");
}

function renderGap({ firstMs, lastMs, count, answered, kinds }: Gap): string {
  const when = `from ${formatDuration(firstMs)} to ${formatDuration(lastMs)}`;
  const list = kinds.map((each) => `${each.kind} ${formatCount(each.count)}`).join(", ");
  const rest = answered === 0 ? "none answered" : `${formatCount(answered)} answered`;
  return `  ${when}  ${formatCount(count)} (${list}), ${rest} meanwhile`;
}
