import { readManifests } from "../../platforms/kubernetes/objects.js";
import { at, numberOf } from "../../source/tree.js";
import type { Rule } from "../rule.js";

/** `k8s/gce-draining` */
export const gceDraining: Rule = {
  id: "k8s/gce-draining",
  severity: "warning",
  title: "Google's load balancer cuts what is in flight when a pod is taken out",
  cause:
    "A backend service without connection draining, or with a draining time of 0, ends the open requests of an endpoint as soon as that is removed.",
  next: "Set `spec.connectionDraining.drainingTimeoutSec` to the longest request, such as 30.",
  *check({ project }) {
    for (const { kind, name, tree, apiVersion } of project.once(readManifests).objects) {
      if (kind !== "BackendConfig" || !apiVersion.startsWith("cloud.google.com/")) continue;
      const time = at(tree, "spec", "connectionDraining", "drainingTimeoutSec");
      if (numberOf(time) !== 0 || time === undefined) continue;
      yield {
        spot: time.spot,
        what: `${name}: drainingTimeoutSec 0`,
        edit: { spot: time.spot, text: "30" },
      };
    }
  },
};
