import { readManifests, type Unrendered } from "../../platforms/kubernetes/objects.js";
import type { Fault, Rule } from "../rule.js";
import { folderOf } from "../../source/paths.js";

/** `lint/unrendered` */
export const unrendered: Rule = {
  id: "lint/unrendered",
  severity: "info",
  title: "templates are examined only as what they render to",
  cause: "What a template says depends on values that are elsewhere. Nothing else is said of it.",
  next: "Render it: `helm template . | lastcall lint -`, `kustomize build . | lastcall lint -`.",
  *check({ project }) {
    const folders = new Map<string, Unrendered[]>();
    for (const one of project.once(readManifests).unrendered) {
      const folder = chartOf(one.spot.file);
      folders.set(folder, [...(folders.get(folder) ?? []), one]);
    }
    // A chart has dozens: they are said once.
    for (const group of folders.values()) yield* toFault(group);
  },
};

/** Its chart's `templates`, where it lies below one. */
function chartOf(file: string): string {
  const [, templates] = /^((?:.*\/)?templates)\//.exec(file) ?? [];
  return templates ?? folderOf(file);
}

function toFault(group: readonly Unrendered[]): Fault[] {
  const [first] = group;
  if (first === undefined) return [];
  const more = group.length === 1 ? "" : `, and ${group.length - 1} more in its folder`;
  return [{ spot: first.spot, what: `${first.spot.file} is a template${more}` }];
}
