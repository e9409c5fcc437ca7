import { formatDuration } from "../../duration.js";
import type { Gap } from "../../rollout.js";
import type { RolloutFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { amountOf } from "../say.js";

export const gap: Rule<RolloutFacts> = {
  id: "rollout/gap",
  severity: "error",
  title: "requests fail while a command runs under load (`--during`)",
  cause:
    "While the command ran, requests failed: an instance went before its successor took over, or before whoever routes to it had noticed.",
  next: "Start the new instance first, wait until it is ready, and stop the old one when nobody sends to it any more. To see what each instance does wrong, prove its stop by itself: `lastcall prove -- <command>`.",
  explainedBy: [],
  find: ({ trial, rollout }: RolloutFacts): Sighting | undefined => {
    const { gaps, command } = rollout;
    if (gaps.length === 0) return undefined;
    const count = gaps.reduce((sum, one) => sum + one.count, 0);
    const longest = Math.max(...gaps.map(({ firstMs, lastMs }) => lastMs - firstMs));
    const where =
      gaps.length === 1 ? "in one gap of" : `in ${String(gaps.length)} gaps, the longest`;
    return {
      what: `${amountOf(count, "request")} failed while \`${command}\` ran, ${where} ${formatDuration(longest)}`,
      count,
      evidence: gaps.map((one) => {
        const request = one.kinds[0]?.ids[0] ?? null;
        return {
          what: describeGap(one),
          trial,
          atMs: one.firstMs,
          request,
          route: null,
          source: null,
        };
      }),
    };
  },
};

function describeGap({ firstMs, lastMs, count, answered, kinds }: Gap): string {
  const how = kinds.map(({ outcome, kind, count: n }) => {
    return `${outcome === kind ? kind : `${outcome} (${kind})`} ${String(n)}`;
  });
  const meanwhile = answered === 0 ? "none was answered" : `${String(answered)} were answered`;
  return `${amountOf(count, "request")} failed from ${formatDuration(firstMs)} to ${formatDuration(lastMs)} after its start: ${how.join(", ")}; ${meanwhile} meanwhile`;
}
