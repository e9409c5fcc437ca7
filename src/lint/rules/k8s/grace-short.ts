import { sayValue } from "../../source/value.js";
import type { Rule } from "../rule.js";
import { listTied } from "./containers.js";

const LEAST = 10_000;

/** `k8s/grace-short` */
export const graceShort: Rule = {
  id: "k8s/grace-short",
  severity: "warning",
  title: "a served pod has less than ten seconds to stop",
  cause:
    "Until every node has let go of the pod it still gets new connections, for a second or two and longer on a busy cluster. What is left after that is all that " +
    "requests in flight have.",
  next: "Set `terminationGracePeriodSeconds` to the longest request and some seconds more; 30 is the default.",
  *check(deployment) {
    for (const { workload } of listTied(deployment)) {
      const { grant, isServed, application } = workload;
      const isKnown = (application?.lastcall?.gracePeriod ?? null) !== null;
      if (grant === null || !grant.isExplicit || !isServed || isKnown) continue;
      if (grant.value < 1_000 || grant.value >= LEAST) continue;
      yield {
        spot: grant.spot,
        what: `${workload.name}: ${sayValue(grant)}, behind a Service`,
        edit: { spot: grant.spot, text: "30" },
      };
    }
  },
};
