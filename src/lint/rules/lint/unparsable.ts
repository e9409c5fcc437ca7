import type { Parsed } from "../../files/project.js";
import { PLATFORMS } from "../../platforms/catalogue.js";
import { isTemplate } from "../../platforms/kubernetes/objects.js";
import type { Rule } from "../rule.js";

/** `lint/unparsable` */
export const unparsable: Rule = {
  id: "lint/unparsable",
  severity: "info",
  title: "a file of a deployment cannot be read",
  cause:
    "It is not what its name or its beginning promises. The parts that can be read are examined, the others are not.",
  next: "Mend the line, or leave the file out.",
  *check({ project }) {
    const kinds = new Set(PLATFORMS.flatMap((platform) => platform.kinds));
    for (const kind of kinds) {
      for (const parsed of project.all(kind)) {
        const [problem] = parsed.problems;
        if (problem === undefined || isElsewhere(parsed)) continue;
        yield { spot: problem.spot, what: `${kind.name}: ${problem.what}` };
      }
    }
  },
};

/** A template is said to be one; other YAML and JSON is for other programs. */
function isElsewhere({ source }: Parsed<unknown>): boolean {
  if (/\.json$/i.test(source.file))
    return !/"(?:apiVersion|containerDefinitions)"\s*:/.test(source.text);
  if (!/\.ya?ml$/i.test(source.file)) return false;
  const isOurs =
    /^["']?apiVersion["']?\s*:/m.test(source.text) ||
    /(?:^|\/)(?:docker-)?(?:compose|stack)[\w.-]*\.ya?ml$/i.test(source.file);
  return !isOurs || source.text.includes("{%") || isTemplate(source.text);
}
