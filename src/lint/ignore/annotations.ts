import type { Project } from "../files/project.js";
import { readManifests, type KubernetesObject } from "../platforms/kubernetes/objects.js";
import { at, entryOf, textOf } from "../source/tree.js";
import type { Ignore } from "./wish.js";

/** The annotation of an object of Kubernetes'. */
const ANNOTATION = "lastcall/ignore";

/** `lastcall/ignore: "k8s/recreate: one writer"`, several with `;` between them. */
export function readAnnotations(project: Project): Ignore[] {
  return project.once(readManifests).objects.flatMap(readObject);
}

function readObject({ tree, source }: KubernetesObject): Ignore[] {
  const entry = entryOf(at(tree, "metadata", "annotations"), ANNOTATION);
  const text = textOf(entry?.value);
  if (entry === undefined || text === undefined) return [];
  return text.split(/[;\n]/).flatMap((part) => {
    const [, rule, reason = ""] = /^\s*([\w-]+\/[\w-]+)\s*(?::\s*(.*))?$/.exec(part) ?? [];
    if (rule === undefined) return [];
    return [
      {
        rule,
        reason: reason.trim(),
        spot: entry.value.spot,
        covers: ({ spot }) =>
          spot.file === source.file && tree.spot.start <= spot.start && spot.end <= tree.spot.end,
      },
    ];
  });
}
