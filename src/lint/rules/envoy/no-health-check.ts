import { listClusters } from "../../platforms/envoy/envoy.js";
import { at } from "../../source/tree.js";
import type { Rule } from "../rule.js";

/** `envoy/no-health-check` */
export const noHealthCheck: Rule = {
  id: "envoy/no-health-check",
  severity: "warning",
  title: "Envoy does not notice that an endpoint stops",
  cause:
    "Without `health_checks` and `outlier_detection` Envoy sends requests to every endpoint that is listed, also to one that stops or is gone: the clients are answered 503.",
  next: "Add `health_checks` with the path of the service's readiness.",
  *check({ project }) {
    for (const { name, spot, tree, hosts } of project.once(listClusters)) {
      if (hosts.length < 2) continue;
      if (at(tree, "health_checks") !== undefined || at(tree, "outlier_detection") !== undefined)
        continue;
      yield { spot, what: `${hosts.length} endpoints of \`${name}\`, and no \`health_checks\`` };
    }
  },
};
