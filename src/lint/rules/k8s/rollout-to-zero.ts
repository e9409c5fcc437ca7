import { readManifests } from "../../platforms/kubernetes/objects.js";
import { at, numberOf, textOf, type Tree } from "../../source/tree.js";
import type { Rule } from "../rule.js";
import { listTied } from "./containers.js";

/** `k8s/rollout-to-zero` */
export const rolloutToZero: Rule = {
  id: "k8s/rollout-to-zero",
  severity: "error",
  title: "a rollout may take every pod away before a new one is ready",
  cause:
    "`maxUnavailable` lets the rollout stop that many pods first. Where that is all of them, no pod answers until a new one is ready.",
  next: "Set `maxUnavailable: 0`, and `maxSurge` to 1 or more.",
  *check(deployment) {
    for (const { workload, pods } of listTied(deployment)) {
      const { object } = pods;
      const tree = at(object.tree, "spec", "strategy", "rollingUpdate", "maxUnavailable");
      const { replicas } = workload;
      if (
        object.kind !== "Deployment" ||
        tree === undefined ||
        replicas === null ||
        !workload.isServed
      )
        continue;
      const away = countAway(tree, replicas.value);
      // Of what is scaled to zero by hand, or by an autoscaler that the file does not show, nothing is known.
      if (away === undefined || away === 0 || replicas.value === 0 || replicas.value - away > 0)
        continue;
      const shown = `${replicas.name} ${replicas.value}${replicas.isExplicit ? "" : " (default)"}`;
      if (!replicas.isExplicit && isScaled(deployment, object.name)) continue;
      yield {
        spot: tree.spot,
        what: `${object.name}: ${shown} - maxUnavailable ${String(textOf(tree) ?? numberOf(tree))} = 0 pods`,
        related: replicas.isExplicit ? [{ spot: replicas.spot, what: shown }] : [],
        edit: { spot: tree.spot, text: "0" },
      };
    }
  },
};

/** A percentage is rounded down. */
function countAway(tree: Tree, replicas: number): number | undefined {
  const [, percent] = /^(\d+)%$/.exec(textOf(tree) ?? "") ?? [];
  return percent === undefined ? numberOf(tree) : Math.floor((Number(percent) * replicas) / 100);
}

function isScaled({ project }: Parameters<Rule["check"]>[0], name: string): boolean {
  return project
    .once(readManifests)
    .objects.some(
      ({ kind, tree }) =>
        /^(?:HorizontalPodAutoscaler|ScaledObject)$/.test(kind) &&
        textOf(at(tree, "spec", "scaleTargetRef", "name")) === name,
    );
}
