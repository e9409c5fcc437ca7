import { formatDuration } from "../duration.js";
import { formatCount } from "../count.js";
import type { Gap, Rollout } from "../rollout.js";
import { wrap } from "./wrap.js";

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
  const when = `from ${formatDuration(firstMs)} to ${formatDuration(lastMs)}`;
  const list = kinds.map((each) => `${each.kind} ${formatCount(each.count)}`).join(", ");
  const rest = answered === 0 ? "none answered" : `${formatCount(answered)} answered`;
  return `${when}  ${formatCount(count)} (${list}), ${rest} meanwhile`;
}
