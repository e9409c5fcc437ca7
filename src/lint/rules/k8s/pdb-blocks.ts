import type { Workload } from "../../model/workload.js";
import { readManifests, type KubernetesObject } from "../../platforms/kubernetes/objects.js";
import { toTexts } from "../../platforms/kubernetes/pods.js";
import { at, numberOf, textOf, type Tree } from "../../source/tree.js";
import type { Fault, Rule } from "../rule.js";
import { listTied, type Tied } from "./containers.js";

/** `k8s/pdb-blocks` */
export const pdbBlocks: Rule = {
  id: "k8s/pdb-blocks",
  severity: "warning",
  title: "a disruption budget allows no pod to be evicted at all",
  cause:
    "A node that is drained waits for it until someone gives up and deletes the pods, or kills the node: then all of them stop at once, without the budget that was to prevent it.",
  next: "Allow one: `maxUnavailable: 1`, with two replicas or more.",
  *check(deployment) {
    const tied = listTied(deployment);
    for (const object of deployment.project.once(readManifests).objects) {
      if (object.kind !== "PodDisruptionBudget") continue;
      const fault = judge(object, tied);
      if (fault !== undefined) yield fault;
    }
  },
};

function judge(
  { tree, name, namespace }: KubernetesObject,
  all: readonly Tied[],
): Fault | undefined {
  const labels = toTexts(at(tree, "spec", "selector", "matchLabels"));
  const selected = all.find(
    ({ pods }) =>
      labels.size > 0 &&
      pods.object.namespace === namespace &&
      [...labels].every(([key, value]) => pods.labels.get(key) === value),
  );
  const [most, least] = ["maxUnavailable", "minAvailable"].map((key) => at(tree, "spec", key));
  if (most !== undefined && isZero(most))
    return {
      spot: most.spot,
      what: `${name}: maxUnavailable 0`,
      edit: { spot: most.spot, text: "1" },
    };
  const replicas = selected?.workload.replicas ?? null;
  if (least === undefined || replicas === null || !replicas.isExplicit || selected === undefined)
    return undefined;
  return isAll(least, replicas)
    ? {
        spot: least.spot,
        what: `${name}: minAvailable ${String(textOf(least) ?? numberOf(least))} of replicas ${replicas.value} allows none`,
        related: [{ spot: replicas.spot, what: `replicas ${replicas.value}` }],
      }
    : undefined;
}

function isZero(tree: Tree): boolean {
  return numberOf(tree) === 0 || textOf(tree) === "0%";
}

function isAll(tree: Tree, { value }: NonNullable<Workload["replicas"]>): boolean {
  return textOf(tree) === "100%" || (numberOf(tree) ?? 0) >= value;
}
