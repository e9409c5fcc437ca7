import { sayTime } from "../../source/value.js";
import type { Rule } from "../rule.js";

/** `lag/lame-duck-off` */
export const lameDuckOff: Rule = {
  id: "lag/lame-duck-off",
  severity: "error",
  title: "the program closes its listener at once, with a balancer in front",
  cause:
    "With `lameDuck: false` the listener closes at the signal. What is in front learns of the stop later than that, and the connections that it opens until then are refused.",
  next: "Take `lameDuck: false` out, or let the platform wait before the signal.",
  *check({ balancers }) {
    for (const { name, spot, workloads, lag } of balancers) {
      for (const workload of workloads) {
        const lameDuck = workload.application?.lastcall?.lameDuck ?? null;
        const waited = (workload.beforeSignal?.value ?? 1) + (workload.outsideGrant?.value ?? 0);
        if (lameDuck === null || lameDuck.value > 0 || waited > 0) continue;
        const until = lag === null ? "later" : `after ${sayTime(lag.value)}`;
        yield {
          spot: lameDuck.spot,
          what: `${workload.name}: no lame duck, and ${name} lets go ${until}`,
          related: [{ spot, what: name }],
        };
      }
    }
  },
};
