import type { Rule } from "../rule.js";
import { listTied } from "./containers.js";

/** `k8s/grace-zero` */
export const graceZero: Rule = {
  id: "k8s/grace-zero",
  severity: "error",
  title: "the pod is killed at once",
  cause:
    "With a grace period of 0 the kubelet sends SIGKILL and no other signal. Everything in flight is cut, and nothing in the program can help it.",
  next: "Take `terminationGracePeriodSeconds` out: 30 is the default.",
  *check(deployment) {
    for (const { workload } of listTied(deployment)) {
      const { grant } = workload;
      if (grant?.value !== 0) continue;
      yield {
        spot: grant.spot,
        what: `${workload.name}: terminationGracePeriodSeconds 0`,
        edit: { spot: grant.spot, text: "30" },
      };
    }
  },
};
