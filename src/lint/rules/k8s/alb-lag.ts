import { readManifests, type KubernetesObject } from "../../platforms/kubernetes/objects.js";
import { annotationsOf } from "../../platforms/kubernetes/services.js";
import { at, entriesOf, itemsOf, textOf, type Tree } from "../../source/tree.js";
import { sayTime } from "../../source/value.js";
import type { Rule } from "../rule.js";
import { listTied } from "./containers.js";

// With less, requests were lost in the controller's issues 1064 and 1719.
const LAG = 15_000;

/** `k8s/alb-lag` */
export const albLag: Rule = {
  id: "k8s/alb-lag",
  severity: "warning",
  title: "an Application Load Balancer goes on sending to a pod that has stopped accepting",
  cause:
    "In ip mode the controller takes the pod out of the target group itself, which begins after the delete and takes the balancer's own time on top: new requests came for " +
    "fifteen seconds and more. What comes to a closed listener is answered 502 or 504.",
  next: "Add `preStop: { sleep: { seconds: 20 } }`, and as much to `terminationGracePeriodSeconds`.",
  *check(deployment) {
    const { objects } = deployment.project.once(readManifests);
    const ingresses = objects.filter(({ kind }) => kind === "Ingress").filter(isAlb);
    for (const { workload, preStop, pods } of listTied(deployment)) {
      const services = deployment
        .balancersOf(workload)
        .map(({ name }) => name.replace(/^Service /, ""));
      const ingress = ingresses.find(
        (one) =>
          one.namespace === pods.object.namespace &&
          listBackends(one).some((name) => services.includes(name)),
      );
      const lameDuck = workload.application?.lastcall?.lameDuck;
      if (ingress === undefined || preStop.time === null || lameDuck === null) continue;
      const kept = preStop.time.value + (lameDuck?.value ?? 0);
      if (kept >= LAG) continue;
      yield {
        spot: preStop.spot,
        what: `${workload.name}: it accepts for ${sayTime(kept)} after the delete, and the balancer needs ${sayTime(LAG)} at least`,
        related: [{ spot: ingress.nameSpot, what: `Ingress ${ingress.name}, target-type ip` }],
      };
    }
  },
};

function isAlb(object: KubernetesObject): boolean {
  const annotations = annotationsOf(object);
  const ofClass =
    textOf(at(object.tree, "spec", "ingressClassName")) ??
    annotations.get("kubernetes.io/ingress.class");
  return ofClass === "alb" && annotations.get("alb.ingress.kubernetes.io/target-type") === "ip";
}

function listBackends({ tree }: KubernetesObject): string[] {
  const rules = itemsOf(at(tree, "spec", "rules")).flatMap((rule) =>
    itemsOf(at(rule, "http", "paths")),
  );
  const backends = [
    at(tree, "spec", "defaultBackend"),
    ...rules.map((path) => at(path, "backend")),
  ];
  return backends.flatMap((backend) => nameOf(backend) ?? []);
}

function nameOf(backend: Tree | undefined): string | undefined {
  return entriesOf(backend).length === 0 ? undefined : textOf(at(backend, "service", "name"));
}
