import { sayTime, sayValue } from "../../source/value.js";
import type { Rule } from "../rule.js";
import { listTied } from "./containers.js";

// Docker's own default for everything: less than that was never meant for a program that has requests to finish.
const LEAST = 10_000;

/** `k8s/prestop-leaves-little` */
export const prestopLeavesLittle: Rule = {
  id: "k8s/prestop-leaves-little",
  severity: "warning",
  title: "the preStop hook leaves the program less than ten seconds",
  cause:
    "The grace period counts from the beginning of the hook. What is left of it when SIGTERM comes is all that requests in flight have.",
  next: "Raise `terminationGracePeriodSeconds` by the hook's time.",
  *check(deployment) {
    for (const { preStop, workload } of listTied(deployment)) {
      const { grant, application } = workload;
      // Where the program's own time is known, `budget/exceeds-grant` says it by the sum.
      const isKnown = (application?.lastcall?.gracePeriod ?? null) !== null;
      if (grant === null || preStop.time === null || preStop.time.value === 0 || isKnown) continue;
      const left = grant.value - preStop.time.value;
      if (left <= 0 || left >= LEAST) continue;
      const needed = Math.ceil((preStop.time.value + 30_000) / 1_000);
      yield {
        spot: grant.spot,
        what: `${workload.name}: ${sayValue(grant)} - ${sayValue(preStop.time)} leaves ${sayTime(left)}`,
        related: [{ spot: preStop.time.spot, what: sayValue(preStop.time) }],
        next: `Set terminationGracePeriodSeconds ${needed}.`,
        ...(grant.isExplicit ? { edit: { spot: grant.spot, text: String(needed) } } : {}),
      };
    }
  },
};
