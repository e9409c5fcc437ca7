import { formatDuration } from "../../facts/duration.js";
import type { Gap } from "../../facts/rollout.js";
import type { RolloutFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { amountOf } from "../say.js";
import { isOutage } from "./losses.js";

export const gap: Rule<RolloutFacts> = {
  id: "rollout/gap",
  severity: "error",
  title: "for a while no instance answers while a command runs (`--during`)",
  cause:
    "An instance went before its successor took over: while the command ran there was a time in which requests failed and none was answered.",
  next: "Start the new instance first, wait until it is ready, and stop the old one when nothing is sent to it any more. To see what each instance does wrong, prove its stop by itself: `lastcall prove -- <command>`.",
  explainedBy: [],
  find: ({ trial, rollout }: RolloutFacts): Sighting | undefined => {
    const outages = rollout.gaps.filter(isOutage);
    if (outages.length === 0) return undefined;
    const count = outages.reduce((sum, one) => sum + one.count, 0);
    const longest = Math.max(...outages.map(({ silentMs }) => silentMs));
    const how = outages.length === 1 ? "for" : `${String(outages.length)} times, the longest for`;
    return {
      what: `no instance answered ${how} ${formatDuration(longest)} while \`${rollout.command}\` ran, and ${amountOf(count, "request")} failed`,
      count,
      evidence: outages.map((one) => {
        const request = one.kinds[0]?.ids[0] ?? null;
        const what = describeGap(one);
        return { what, trial, atMs: one.firstMs, request, route: null, source: null };
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
