import type { Workload } from "../../model/workload.js";
import { sayTime, sayValue, type Value } from "../../source/value.js";
import { proveNode } from "../prove.js";
import type { Fault, Rule } from "../rule.js";
import { editNumber, writeTime } from "../edits.js";

/** `budget/exceeds-grant` */
export const exceedsGrant: Rule = {
  id: "budget/exceeds-grant",
  severity: "error",
  title: "the program takes longer to stop than its platform waits before it kills it",
  cause:
    "The platform counts from its first stop action: what passes before the signal is a part of it. Its time is over before the " +
    "program's, so that a stop that needs its whole budget ends in SIGKILL: requests in flight are cut, hooks do not run, the exit code is 137.",
  next: "Raise the platform's time to the sum, or lower `gracePeriod` by what passes before the signal.",
  *check({ workloads }) {
    for (const workload of workloads) {
      const fault = judge(workload);
      if (fault !== undefined) yield fault;
    }
  },
};

function judge(workload: Workload): Fault | undefined {
  const { grant, beforeSignal, application, platform } = workload;
  const budget = application?.lastcall?.gracePeriod ?? null;
  if (grant === null || budget === null || beforeSignal === null) return undefined;
  const needed = beforeSignal.value + budget.value;
  if (needed <= grant.value) return undefined;
  const sum =
    beforeSignal.value === 0
      ? sayValue(budget)
      : `${sayValue(beforeSignal)} + ${sayValue(budget)} = ${sayTime(needed)}`;
  return {
    spot: grant.spot,
    what: `${workload.name}: ${sum} > ${sayValue(grant)}${platform === "pm2" ? ", which lastcall takes for it" : ""}`,
    related: [
      ...(beforeSignal.value === 0
        ? []
        : [{ spot: beforeSignal.spot, what: sayValue(beforeSignal) }]),
      { spot: budget.spot, what: sayBudget(budget) },
    ],
    next: adviseGrant(grant, needed, platform, budget),
    ...editNumber(grant, needed, platform),
    ...(platform === "pm2"
      ? SHORTENED
      : proveNode(application, `--grace ${writeTime(grant.value, "compose")}`)),
  };
}

/** PM2 tells its programs their `kill_timeout`: lastcall reads it, and is not killed. */
const SHORTENED: Pick<Fault, "severity" | "cause"> = {
  severity: "warning",
  cause:
    "lastcall reads `kill_timeout` from PM2 and takes it for its grace period, with the warning `grace-period-cut`. The stop ends in order, but in " +
    "less time than it was given: it aborts requests that take longer than what is left.",
};

function sayBudget(budget: Value<number>): string {
  return budget.isExplicit
    ? sayValue(budget)
    : `gracePeriod ${sayTime(budget.value)}, lastcall's default`;
}

function adviseGrant(
  grant: Value<number>,
  needed: number,
  platform: Workload["platform"],
  budget: Value<number>,
): string {
  const lower = `\`gracePeriod: ${Math.max(0, Math.floor(budget.value - (needed - grant.value)))}\``;
  const raise = `${grant.name} ${writeTime(needed, platform)}`;
  if (platform === "cloud-run")
    return `Give \`lastcall()\` ${lower}: the platform's time is fixed.`;
  return `Set ${raise}, or give \`lastcall()\` ${lower}.`;
}
