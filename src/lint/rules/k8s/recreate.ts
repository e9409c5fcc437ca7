import { at, textOf } from "../../source/tree.js";
import type { Rule } from "../rule.js";
import { listTied } from "./containers.js";

/** `k8s/recreate` */
export const recreate: Rule = {
  id: "k8s/recreate",
  severity: "warning",
  title: "every rollout has a time without any pod",
  cause:
    "With the strategy Recreate all old pods are gone before the first new one starts. From then until it is ready every request fails.",
  next: "Use `type: RollingUpdate`, unless two versions must not run at once.",
  *check(deployment) {
    for (const { workload, pods } of listTied(deployment)) {
      const type = at(pods.object.tree, "spec", "strategy", "type");
      if (
        pods.object.kind !== "Deployment" ||
        textOf(type) !== "Recreate" ||
        type === undefined ||
        !workload.isServed
      )
        continue;
      // Two pods cannot share such a volume: then there is no other way.
      if (hasOwnVolume(pods.spec)) continue;
      const [service] = deployment.balancersOf(workload);
      const related =
        service === undefined
          ? []
          : [{ spot: service.spot, what: `${service.name} sends it requests` }];
      yield {
        spot: type.spot,
        what: `${pods.object.name}: strategy Recreate, behind a Service`,
        related,
      };
    }
  },
};

function hasOwnVolume(spec: Parameters<typeof at>[0]): boolean {
  const volumes = at(spec, "volumes");
  return (
    volumes?.kind === "list" &&
    volumes.items.some(
      (volume) =>
        at(volume, "persistentVolumeClaim") !== undefined || at(volume, "hostPath") !== undefined,
    )
  );
}
