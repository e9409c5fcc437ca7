import { sayValue } from "../../source/value.js";
import type { Rule } from "../rule.js";
import { listTied } from "./containers.js";

/** `k8s/prestop-exceeds-grace` */
export const prestopExceedsGrace: Rule = {
  id: "k8s/prestop-exceeds-grace",
  severity: "error",
  title: "the preStop hook takes the whole grace period",
  cause:
    "The grace period begins with the hook, and SIGTERM comes when the hook is over. Where no time is left then, the kubelet grants two seconds more, once, and " +
    "kills: the program never gets to stop.",
  next: "Raise `terminationGracePeriodSeconds` to the hook's time and the program's own.",
  *check(deployment) {
    for (const { preStop, workload } of listTied(deployment)) {
      const { grant } = workload;
      if (grant === null || preStop.time === null || preStop.time.value === 0 || grant.value === 0)
        continue;
      if (preStop.time.value < grant.value) continue;
      const needed = Math.ceil(preStop.time.value / 1_000) + 30;
      yield {
        spot: grant.spot,
        what: `${workload.name}: ${sayValue(preStop.time)} ${preStop.time.value === grant.value ? "=" : ">"} ${sayValue(grant)}`,
        related: [{ spot: preStop.time.spot, what: sayValue(preStop.time) }],
        next: `Set terminationGracePeriodSeconds ${needed}: the hook's time and 30 s for the program.`,
        ...(grant.isExplicit ? { edit: { spot: grant.spot, text: String(needed) } } : {}),
      };
    }
  },
};
