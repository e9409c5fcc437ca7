import { readManifests } from "../../platforms/kubernetes/objects.js";
import type { Rule } from "../rule.js";

const WORKLOADS = new Set(["Deployment", "StatefulSet", "DaemonSet"]);

/** `lint/not-evaluated` */
export const notEvaluated: Rule = {
  id: "lint/not-evaluated",
  severity: "info",
  title: "an object gets values from a patch, and is not examined without it",
  cause:
    "A patch of kustomize changes what its stop depends on. What the file alone says would be a guess.",
  next: "Examine what is applied: `kustomize build overlays/production | lastcall lint -`.",
  *check({ project }) {
    for (const object of project.once(readManifests).objects) {
      if (!object.isPartial || !WORKLOADS.has(object.kind)) continue;
      yield {
        spot: object.nameSpot,
        what: `${object.kind} ${object.name} is patched, or is a patch`,
      };
    }
  },
};
