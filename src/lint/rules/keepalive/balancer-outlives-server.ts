import type { Deployment } from "../../model/deployment.js";
import type { Balancer } from "../../model/balancer.js";
import type { Workload } from "../../model/workload.js";
import { sayTime, sayValue, type Value } from "../../source/value.js";
import { readKeepAlive } from "../../application/keep-alive.js";
import type { Fault, Rule } from "../rule.js";

/** `keepalive/balancer-outlives-server` */
export const balancerOutlivesServer: Rule = {
  id: "keepalive/balancer-outlives-server",
  severity: "warning",
  title: "the server closes idle connections before its balancer does",
  cause:
    "The balancer keeps a connection for its next request, and the server closes it at that moment: the request meets a closed connection. Most balancers send a GET again and cannot do so with a POST, which its client sees as a 502.",
  next: "Set the server's `keepAliveTimeout` to more than the balancer's time, or lower that.",
  *check(deployment) {
    for (const balancer of deployment.balancers) yield* judge(deployment, balancer);
  },
};

function judge({ project }: Deployment, balancer: Balancer): Fault[] {
  const { keepAlive, workloads, name } = balancer;
  if (keepAlive === null) return [];
  return workloads.flatMap((workload): Fault[] => {
    const { application } = workload;
    const own = application === null ? null : readKeepAlive(project, application);
    // 0 is for ever.
    if (own === null || own.value === 0 || own.value > keepAlive.value) return [];
    return [toFault({ own, keepAlive, name }, workload)];
  });
}

interface Pair {
  readonly own: Value<number>;
  readonly keepAlive: Value<number>;
  readonly name: string;
}

function toFault({ own, keepAlive, name }: Pair, workload: Workload): Fault {
  const what = `${workload.name}: ${sayValue(own)} ≤ ${sayValue(keepAlive)} of ${name}`;
  const enough = keepAlive.value + 5_000;
  return {
    spot: own.spot,
    what,
    related: [{ spot: keepAlive.spot, what: sayValue(keepAlive) }],
    next: `Set \`server.keepAliveTimeout = ${enough.toLocaleString("en").replaceAll(",", "_")}\` (${sayTime(enough)}), or let ${name} keep connections for less than ${sayTime(own.value)}.`,
  };
}
