import { at, numberOf } from "../../source/tree.js";
import { sayTime, sayValue } from "../../source/value.js";
import type { Rule } from "../rule.js";
import { listTied } from "./containers.js";

/** `k8s/liveness-grace` */
export const livenessGrace: Rule = {
  id: "k8s/liveness-grace",
  severity: "warning",
  title: "a failed liveness probe grants less time than the program takes to stop",
  cause:
    "A probe may have a grace of its own, which counts in place of the pod's when the probe has failed. The stop is cut there, with what was in flight.",
  next: "Take the probe's `terminationGracePeriodSeconds` out, or raise it to the sum.",
  *check(deployment) {
    for (const { workload, tree } of listTied(deployment)) {
      const own = at(tree, "livenessProbe", "terminationGracePeriodSeconds");
      const seconds = numberOf(own);
      const budget = workload.application?.lastcall?.gracePeriod ?? null;
      const { beforeSignal } = workload;
      if (own === undefined || seconds === undefined || budget === null || beforeSignal === null)
        continue;
      const needed = beforeSignal.value + budget.value;
      if (seconds * 1_000 >= needed) continue;
      const sum =
        beforeSignal.value === 0
          ? sayValue(budget)
          : `${sayValue(beforeSignal)} + ${sayValue(budget)} = ${sayTime(needed)}`;
      yield {
        spot: own.spot,
        what: `${workload.name}: ${sum} > livenessProbe.terminationGracePeriodSeconds ${seconds} s`,
        related: [{ spot: budget.spot, what: sayValue(budget) }],
        edit: { spot: own.spot, text: String(Math.ceil(needed / 1_000)) },
      };
    }
  },
};
