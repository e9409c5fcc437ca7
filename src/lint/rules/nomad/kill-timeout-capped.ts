import { listTasks, readMostKillTimeout } from "../../platforms/nomad/nomad.js";
import { sayTime, sayValue } from "../../source/value.js";
import type { Rule } from "../rule.js";

const MOST = 30_000;

/** `nomad/kill-timeout-capped` */
export const killTimeoutCapped: Rule = {
  id: "nomad/kill-timeout-capped",
  severity: "warning",
  title: "the task asks for more time than Nomad's client gives",
  cause:
    "A client shortens every `kill_timeout` to its own `max_kill_timeout`, 30 seconds by default, and says nothing. A stop that counts on more is killed in the middle.",
  next: "Raise `max_kill_timeout` in the `client` block of the agents, or lower `kill_timeout`.",
  *check({ project }) {
    const most = project.once(readMostKillTimeout);
    for (const { workload } of project.once(listTasks)) {
      const { grant, name } = workload;
      if (grant === null || grant.value <= (most?.value ?? MOST)) continue;
      const limit = most === null ? `max_kill_timeout ${sayTime(MOST)} (default)` : sayValue(most);
      yield {
        spot: grant.spot,
        what: `${name}: ${sayValue(grant)} > ${limit}`,
        // The agents may be configured elsewhere.
        severity: most === null ? "info" : "warning",
        related: most === null ? [] : [{ spot: most.spot, what: sayValue(most) }],
      };
    }
  },
};
