import type { Rule } from "../rule.js";
import { isDeaf } from "../signal/deaf.js";
import { listTied, type Tied } from "./containers.js";

/** `k8s/no-lag-window` */
export const noLagWindow: Rule = {
  id: "k8s/no-lag-window",
  severity: "warning",
  title: "nothing keeps a served pod accepting while the cluster lets go of it",
  cause:
    "The pod is signalled and taken out of its Service at the same moment, and every node learns of that by itself: some still send new connections when the " +
    "program has closed its listener. They are refused.",
  next: "Add `lifecycle: { preStop: { sleep: { seconds: 5 } } }`, or a lame duck in the program.",
  *check(deployment) {
    for (const tied of listTied(deployment)) {
      if (!tied.workload.isServed || tied.preStop.kind !== "none" || isWaiting(tied)) continue;
      const [service] = deployment.balancersOf(tied.workload);
      const related =
        service === undefined
          ? []
          : [{ spot: service.spot, what: `${service.name} sends it requests` }];
      yield {
        spot: tied.preStop.spot,
        what: `${tied.workload.name}: no preStop hook, and no lame duck that is known`,
        related,
      };
    }
  },
};

/** The program has a lame duck, or may have one: that it waits before it closes cannot be told from outside. */
function isWaiting({ workload }: Tied): boolean {
  const { application } = workload;
  if (application === null) return false;
  const { lastcall, listeners, mayWait, isComplete } = application;
  // It goes on accepting until SIGKILL, or ends at once: signal/no-listener says so.
  if (isDeaf(application)) return true;
  if (lastcall !== null)
    return (
      lastcall.lameDuck === null || lastcall.lameDuck.value > 0 || lastcall.lameDuck.isExplicit
    );
  return !isComplete || (mayWait && (listeners === null || listeners.has("SIGTERM")));
}
