import type { Balancer } from "../../model/balancer.js";
import type { Workload } from "../../model/workload.js";
import { sayTime, sayValue, type Value } from "../../source/value.js";
import { proveNode } from "../prove.js";
import type { Fault, Related, Rule } from "../rule.js";

/** `lag/exceeds-lame-duck` */
export const exceedsLameDuck: Rule = {
  id: "lag/exceeds-lame-duck",
  severity: "error",
  title: "the balancer takes longer to let go than the program goes on accepting",
  cause:
    "A balancer that asks for itself needs some of its own checks to fail before it stops sending. When the lame duck is over before that, the listener is closed " +
    "and new connections are refused until it has noticed.",
  next: "Let the balancer ask more often, or give `lameDuck` more time.",
  *check({ balancers }) {
    for (const balancer of balancers) {
      for (const workload of balancer.workloads) {
        const fault = judge(balancer, workload);
        if (fault !== undefined) yield fault;
      }
    }
  },
};

function judge(balancer: Balancer, workload: Workload): Fault | undefined {
  const { lag, kind, name, sum } = balancer;
  const lameDuck = workload.application?.lastcall?.lameDuck ?? null;
  const { beforeSignal, outsideGrant } = workload;
  // Without any, another rule has said so.
  if (lag === null || lameDuck === null || beforeSignal === null || lameDuck.value === 0)
    return undefined;
  const parts = [outsideGrant, beforeSignal, lameDuck].filter(
    (one): one is Value<number> => one !== null && one.value > 0,
  );
  const kept = parts.reduce((total, { value }) => total + value, 0);
  if (kept >= lag.value) return undefined;
  const shown = parts.map(sayValue).join(" + ");
  const total = parts.length > 1 ? ` = ${sayTime(kept)}` : "";
  return {
    spot: lag.spot,
    severity: kind === "service" ? "warning" : "error",
    what: `${workload.name}: ${name} lets go after ${sayTime(lag.value)} (${sum}) > ${shown}${total}`,
    related: parts.map((one): Related => ({ spot: one.spot, what: sayValue(one) })),
    next: `${kind === "service" ? "Give" : "Let it ask more often, or give"} \`lastcall()\` \`lameDuck: { max: ${Math.ceil(lag.value + 1_000)} }\`.`,
    ...proveNode(workload.application, `--lag ${Math.ceil(lag.value / 1_000)}s`),
  };
}
