import type { Project } from "../../files/project.js";
import { readManifests } from "../../platforms/kubernetes/objects.js";
import { NGINX_FILE } from "../../platforms/nginx/file.js";
import type { NginxDirective } from "../../read/nginx.js";
import type { Spot } from "../../source/source.js";
import { entryOf, at, textOf } from "../../source/tree.js";
import type { Fault, Rule } from "../rule.js";

const ANNOTATION = "nginx.ingress.kubernetes.io/proxy-next-upstream";
const WORD = "non_idempotent";

/** `nginx/retries-post` */
export const retriesPost: Rule = {
  id: "nginx/retries-post",
  severity: "warning",
  title: "nginx sends a POST again that may have been carried out",
  cause:
    "By itself nginx passes a POST to the next server only if it has not been sent yet. With `non_idempotent` it does so whenever a server cuts the connection or answers with one of the listed errors: an order may be placed twice while a server is stopped.",
  next: "Remove `non_idempotent`.",
  *check({ project }) {
    for (const spot of [...listDirectives(project), ...listAnnotations(project)]) {
      yield {
        spot,
        what: "`non_idempotent` repeats POST, LOCK and PATCH requests that a server has been sent",
      } satisfies Fault;
    }
  },
};

function listDirectives(project: Project): Spot[] {
  return project.all(NGINX_FILE).flatMap(({ value }) => findWords(value));
}

function findWords(directives: readonly NginxDirective[]): Spot[] {
  return directives.flatMap(({ name, args, block }) => [
    ...(name === "proxy_next_upstream" ? args.filter(({ text }) => text === WORD) : []).map(
      ({ spot }) => spot,
    ),
    ...findWords(block ?? []),
  ]);
}

function listAnnotations(project: Project): Spot[] {
  return project.once(readManifests).objects.flatMap(({ tree }) => {
    const entry = entryOf(at(tree, "metadata", "annotations"), ANNOTATION);
    const words = textOf(entry?.value)?.split(/\s+/) ?? [];
    return entry !== undefined && words.includes(WORD) ? [entry.value.spot] : [];
  });
}
