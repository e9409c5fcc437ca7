import { at } from "../../source/tree.js";
import type { Rule } from "../rule.js";
import { listTied } from "./containers.js";

/** `k8s/no-readiness-probe` */
export const noReadinessProbe: Rule = {
  id: "k8s/no-readiness-probe",
  severity: "warning",
  title: "a served container has no readiness probe",
  cause:
    "It counts as ready as soon as it runs. A rollout stops the old pod while the new one does not accept yet, and requests are refused in between.",
  next: "Add a `readinessProbe` that asks what tells whether it can answer, such as `/readyz`.",
  *check(deployment) {
    for (const { workload, tree, pods } of listTied(deployment)) {
      if (
        !workload.isServed ||
        at(tree, "readinessProbe") !== undefined ||
        pods.object.kind === "Pod"
      )
        continue;
      const [service] = deployment.balancersOf(workload);
      const related =
        service === undefined
          ? []
          : [{ spot: service.spot, what: `${service.name} sends it requests` }];
      yield {
        spot: at(tree, "name")?.spot ?? workload.spot,
        what: `${workload.name}: no readinessProbe`,
        related,
      };
    }
  },
};
