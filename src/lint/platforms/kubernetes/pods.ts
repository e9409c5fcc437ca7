import type { Project } from "../../files/project.js";
import { at, entriesOf, itemsOf, textOf, type Tree } from "../../source/tree.js";
import { readManifests, type KubernetesObject } from "./objects.js";

/** An object that makes pods, and what they are made of. */
export interface Pods {
  readonly object: KubernetesObject;
  /** `metadata` of the pods. */
  readonly metadata: Tree | undefined;
  readonly spec: Tree;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

/** Where a kind has its pod's template. Jobs run to their end: they are not stopped by a rollout. */
const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ["Pod", []],
  ["Deployment", ["spec", "template"]],
  ["StatefulSet", ["spec", "template"]],
  ["DaemonSet", ["spec", "template"]],
  ["ReplicaSet", ["spec", "template"]],
  ["ReplicationController", ["spec", "template"]],
  ["Rollout", ["spec", "template"]],
  ["DeploymentConfig", ["spec", "template"]],
]);

/** What makes pods and is whole: what a patch adds to is left out. */
export function listPods(project: Project): readonly Pods[] {
  return project.once(readManifests).objects.flatMap((object) => {
    const pods = object.isPartial ? undefined : toPods(object);
    return pods ?? [];
  });
}

function toPods(object: KubernetesObject): Pods | undefined {
  const path = TEMPLATES.get(object.kind);
  if (path === undefined) return undefined;
  const template = at(object.tree, ...path);
  const spec = at(template, "spec");
  // A patch has no images: it is no object of its own.
  const hasImages = containersOf(spec).some((one) => textOf(at(one, "image")) !== undefined);
  if (spec === undefined || !hasImages) return undefined;
  const metadata = at(template, "metadata");
  return {
    object,
    metadata,
    spec,
    labels: toTexts(at(metadata, "labels")),
    annotations: toTexts(at(metadata, "annotations")),
  };
}

/** Its containers, without those that only prepare it. */
export function containersOf(spec: Tree | undefined): readonly Tree[] {
  return itemsOf(at(spec, "containers"));
}

/** The texts of a mapping of texts. */
export function toTexts(tree: Tree | undefined): ReadonlyMap<string, string> {
  const texts = entriesOf(tree).flatMap(({ key, value }) => {
    const text = value.kind === "scalar" ? String(value.value) : undefined;
    return text === undefined ? [] : [[key, text] as const];
  });
  return new Map(texts);
}
