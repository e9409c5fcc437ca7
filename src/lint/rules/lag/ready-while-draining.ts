import type { Rule } from "../rule.js";

/** `lag/ready-while-draining` */
export const readyWhileDraining: Rule = {
  id: "lag/ready-while-draining",
  severity: "error",
  title: "the balancer learns of a stop from a probe that says ready to the end",
  cause:
    "With `readyWhileDraining` the probe of readiness answers 200 during the drain. A balancer that asks only there goes on sending until the listener has closed, " +
    "and everything that it sends after that is refused.",
  next: "Take `readyWhileDraining` out.",
  *check({ balancers }) {
    for (const { name, checkPath, workloads } of balancers) {
      for (const workload of workloads) {
        const probes = workload.application?.lastcall?.probes ?? null;
        if (
          probes === null ||
          !probes.isOn ||
          !probes.readyWhileDraining ||
          checkPath?.value !== probes.ready
        )
          continue;
        yield {
          spot: probes.spot,
          what: `${workload.name}: ${name} asks ${checkPath.value}, which says ready while it drains`,
          related: [{ spot: checkPath.spot, what: `${name} asks ${checkPath.value}` }],
        };
      }
    }
  },
};
