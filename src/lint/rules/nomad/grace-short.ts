import { listTasks } from "../../platforms/nomad/nomad.js";
import { sayTime, sayValue } from "../../source/value.js";
import type { Rule } from "../rule.js";
import { findTied, mayBeNode } from "./tied.js";

const LEAST = 10_000;

/** `nomad/grace-short` */
export const graceShort: Rule = {
  id: "nomad/grace-short",
  severity: "warning",
  title: "Nomad kills the task after less than ten seconds",
  cause:
    "Nomad sends its signal and kills the task when `kill_timeout` is over, five seconds by default. What is in flight for longer is cut at every deployment.",
  next: 'Set `kill_timeout = "30s"`, or to what the program\'s stop may take.',
  *check(deployment) {
    for (const { workload } of deployment.project.once(listTasks)) {
      const { grant, name, isServed } = workload;
      if (!isServed || grant === null || grant.value >= LEAST) continue;
      if (!mayBeNode(deployment, workload)) continue;
      // budget/exceeds-grant has the whole sum for those.
      if ((findTied(deployment, workload)?.application?.lastcall?.gracePeriod ?? null) !== null)
        continue;
      yield {
        spot: grant.spot,
        what: `${name}: ${sayValue(grant)} < ${sayTime(LEAST)}, and the task has a service`,
        ...(grant.isExplicit ? { edit: { spot: grant.spot, text: '"30s"' } } : {}),
      };
    }
  },
};
