import { readManifests } from "../../platforms/kubernetes/objects.js";
import type { Pods } from "../../platforms/kubernetes/pods.js";
import type { Project } from "../../files/project.js";
import { at, itemsOf, textOf } from "../../source/tree.js";
import { sayTime, sayValue } from "../../source/value.js";
import type { Rule } from "../rule.js";
import { listTied } from "./containers.js";

/** Istio's `terminationDrainDuration`. */
const DRAIN = 5_000;

/** `k8s/sidecar-ends-first` */
export const sidecarEndsFirst: Rule = {
  id: "k8s/sidecar-ends-first",
  severity: "warning",
  title: "the mesh's sidecar leaves before the program has stopped",
  cause:
    "Istio's sidecar gets SIGTERM together with the program, drains for `terminationDrainDuration` and exits. What the program still answers, or asks of others, goes " +
    "through a proxy that is no longer there.",
  next: "Give the pods the annotation `proxy.istio.io/config: 'terminationDrainDuration: 35s'`, or run the sidecar as a native one.",
  *check(deployment) {
    for (const { workload, pods } of listTied(deployment)) {
      const budget = workload.application?.lastcall?.gracePeriod ?? null;
      const { beforeSignal } = workload;
      if (budget === null || beforeSignal === null || !isInjected(deployment.project, pods))
        continue;
      const config = pods.annotations.get("proxy.istio.io/config") ?? "";
      if (/EXIT_ON_ZERO_ACTIVE_CONNECTIONS|drainDuration/i.test(config) || hasNativeSidecar(pods))
        continue;
      // The hook of the program's container keeps the sidecar for as long, where it has the same one: that is not seen.
      if (budget.value <= DRAIN) continue;
      yield {
        spot: at(pods.metadata, "annotations")?.spot ?? pods.object.nameSpot,
        what: `${workload.name}: ${sayValue(budget)} > terminationDrainDuration ${sayTime(DRAIN)} (default)`,
        related: [{ spot: budget.spot, what: sayValue(budget) }],
        next: `Give the pods the annotation \`proxy.istio.io/config: 'terminationDrainDuration: ${Math.ceil(budget.value / 1_000)}s'\`.`,
      };
    }
  },
};

function isInjected(project: Project, { labels, annotations, object }: Pods): boolean {
  const own = labels.get("sidecar.istio.io/inject") ?? annotations.get("sidecar.istio.io/inject");
  if (own !== undefined) return own === "true";
  return project
    .once(readManifests)
    .objects.some(
      ({ kind, name, tree }) =>
        kind === "Namespace" &&
        name === object.namespace &&
        textOf(at(tree, "metadata", "labels", "istio-injection")) === "enabled",
    );
}

function hasNativeSidecar({ spec, annotations }: Pods): boolean {
  const native = itemsOf(at(spec, "initContainers")).some(
    (one) => textOf(at(one, "restartPolicy")) === "Always",
  );
  return native || annotations.get("sidecar.istio.io/nativeSidecar") === "true";
}
