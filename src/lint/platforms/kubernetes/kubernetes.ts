// kubernetes/: manifests, and what Helm and kustomize print, to workloads and what sends them requests.
import { JSON_FILE, YAML } from "../../files/kinds.js";
import type { Project } from "../../files/project.js";
import type { Balancer } from "../../model/balancer.js";
import type { Command } from "../../model/command.js";
import { createWorkload, type Workload } from "../../model/workload.js";
import { at, itemsOf, numberOf, textOf, type Tree } from "../../source/tree.js";
import { given, usual, type Value } from "../../source/value.js";
import type { PlatformReader } from "../reader.js";
import { containersOf, listPods, type Pods } from "./pods.js";
import { listServed, servesPort } from "./services.js";
import { readPreStop, type PreStop } from "./stop.js";

/** A container, with what rules of Kubernetes' own look at. */
export interface Container {
  readonly pods: Pods;
  readonly tree: Tree;
  readonly preStop: PreStop;
  readonly workload: Workload;
}

const GRACE = 30_000;
/** Until every node has let go of an endpoint. */
const PROPAGATION = 3_000;

/** Every container of the project. */
export function listContainers(project: Project): readonly Container[] {
  const served = project.once(listServed);
  return project.once(listPods).flatMap((pods) =>
    containersOf(pods.spec).map((tree) => {
      const isServed = served.some(
        (one) => one.pods.includes(pods) && servesPort(tree, pods, one.targets),
      );
      return toContainer(pods, tree, isServed);
    }),
  );
}

function toContainer(pods: Pods, tree: Tree, isServed: boolean): Container {
  const { object, spec } = pods;
  const preStop = readPreStop(tree, at(tree, "name")?.spot ?? object.nameSpot);
  const name = textOf(at(tree, "name"));
  const hasSeveral = containersOf(spec).length > 1;
  const workload = createWorkload({
    platform: "kubernetes",
    kind: object.kind,
    name: hasSeveral ? `${object.name}/${name ?? ""}` : object.name,
    spot: object.nameSpot,
    whole: object.tree.spot,
    grant: graceOf(pods),
    beforeSignal: preStop.time,
    signal: readText(at(tree, "lifecycle", "stopSignal"), "lifecycle.stopSignal"),
    imageName: readText(at(tree, "image"), "image"),
    entrypoint: toCommand(at(tree, "command")),
    cmd: toCommand(at(tree, "args")),
    replicas: readReplicas(pods),
    environment: readEnvironment(tree),
    isServed,
  });
  return { pods, tree, preStop, workload };
}

/** The grace of its pods; null where it is no number. */
function graceOf({ spec, object }: Pods): Value<number> | null {
  const name = "terminationGracePeriodSeconds";
  const tree = at(spec, name);
  if (tree === undefined) return usual(name, GRACE, object.nameSpot);
  const seconds = numberOf(tree);
  return seconds === undefined ? null : given(name, seconds * 1_000, tree.spot);
}

function readText(tree: Tree | undefined, name: string): Value<string> | null {
  const text = textOf(tree);
  return text === undefined || tree === undefined ? null : given(name, text, tree.spot);
}

function toCommand(tree: Tree | undefined): Command | null {
  if (tree?.kind !== "list") return null;
  const words = tree.items.map((item) => ({
    text: item.kind === "scalar" ? String(item.value) : "",
    spot: item.spot,
  }));
  return words.length === 0 ? null : { words, isShell: false, spot: tree.spot };
}

function readReplicas({ object }: Pods): Value<number> | null {
  if (!["Deployment", "StatefulSet", "ReplicaSet", "Rollout"].includes(object.kind)) return null;
  const tree = at(object.tree, "spec", "replicas");
  if (tree === undefined) return usual("replicas", 1, object.nameSpot);
  const count = numberOf(tree);
  return count === undefined ? null : given("replicas", count, tree.spot);
}

function readEnvironment(container: Tree): ReadonlyMap<string, Value<string | null>> {
  const variables = itemsOf(at(container, "env")).flatMap((item) => {
    const name = textOf(at(item, "name"));
    const value = at(item, "value");
    const text = value?.kind === "scalar" && value.value !== null ? String(value.value) : null;
    return name === undefined ? [] : [[name, given(name, text, value?.spot ?? item.spot)] as const];
  });
  return new Map(variables);
}

function listBalancers(project: Project): readonly Balancer[] {
  const byPods = new Map<Pods, Container[]>();
  for (const one of project.once(listContainers)) {
    byPods.set(one.pods, [...(byPods.get(one.pods) ?? []), one]);
  }
  return project.once(listServed).map(({ service, pods, targets }) => {
    const served = pods
      .flatMap((one) => byPods.get(one) ?? [])
      .filter((one) => servesPort(one.tree, one.pods, targets));
    const spots = new Set(served.map(({ workload }) => workload.spot));
    const names = new Set(served.map(({ workload }) => workload.name));
    return {
      kind: "service",
      name: `Service ${service.name}`,
      spot: service.nameSpot,
      hosts: [given("Service", service.name, service.nameSpot)],
      lag: usual("propagation", PROPAGATION, service.nameSpot),
      sum: "until every node has let go of the endpoint",
      checkPath: null,
      keepAlive: null,
      // What is tied later is a copy, with the same place.
      selects: ({ spot, name }) => spots.has(spot) && names.has(name),
      workloads: [],
    };
  });
}

/** Kubernetes. */
export const KUBERNETES: PlatformReader = {
  kinds: [YAML, JSON_FILE],
  listWorkloads: (project) => project.once(listContainers).map(({ workload }) => workload),
  listBalancers,
};
