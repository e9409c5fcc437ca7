import { listTasks } from "../../platforms/nomad/nomad.js";
import { blocksOf } from "../../read/hcl/hcl.js";
import type { Rule } from "../rule.js";
import { findTied, mayBeNode } from "./tied.js";

/** `nomad/no-shutdown-delay` */
export const noShutdownDelay: Rule = {
  id: "nomad/no-shutdown-delay",
  severity: "warning",
  title: "Nomad signals the task at the moment it takes it out of service discovery",
  cause:
    "Those who call the service learn of that later: they look it up every few seconds, or hold connections. What they send in between is refused, unless the program goes on accepting for a while, or Nomad waits.",
  next: 'Add `shutdown_delay = "5s"` to the task: it passes before the signal, and counts for nothing of `kill_timeout`.',
  *check(deployment) {
    for (const { service, task, delay, workload } of deployment.project.once(listTasks)) {
      if (service === null || blocksOf(service, "check").length === 0) continue;
      if (delay === null || delay.value > 0 || !mayBeNode(deployment, workload)) continue;
      const application = findTied(deployment, workload)?.application ?? null;
      const lastcall = application?.lastcall ?? null;
      // What is not known may be long enough.
      if (lastcall !== null && lastcall.lameDuck?.value !== 0) continue;
      yield {
        spot: task.spot,
        what: `${workload.name}: 0 s between the end of its registration and the signal`,
        related: [{ spot: service.spot, what: "its service" }],
      };
    }
  },
};
