import type { NginxDirective } from "../../read/nginx.js";
import { directiveOf, listPasses, type Pass } from "../../platforms/nginx/passes.js";
import { once } from "../once.js";
import type { Fault, Rule } from "../rule.js";

/** `nginx/no-failover` */
export const noFailover: Rule = {
  id: "nginx/no-failover",
  severity: "warning",
  title: "nginx answers 502 for a server that stops, though there are others",
  cause:
    "nginx asks no server how it is. It notices that one is gone by a connection that is refused, and passes that request to the next one, unless it is told not to: then every request that a stopping server refuses is a 502 for its client.",
  next: "Keep `error timeout` in `proxy_next_upstream`, and allow two tries or more.",
  check({ project }) {
    return once(project.once(listPasses).flatMap(findFaults));
  },
};

function findFaults(pass: Pass): Fault[] {
  const servers = pass.servers.filter(({ isBackup, isDown }) => !isBackup && !isDown);
  if (pass.upstream === null || servers.length < 2) return [];
  const related = [
    { spot: pass.upstream.spot, what: `upstream ${pass.target} has ${servers.length} servers` },
    { spot: pass.directive.spot, what: `passes to ${pass.target}` },
  ];
  const next = directiveOf(pass, "proxy_next_upstream");
  const tries = directiveOf(pass, "proxy_next_upstream_tries");
  if (next !== undefined && isWithoutError(next)) {
    const what = `a request that one of ${servers.length} servers refuses goes to no other`;
    return [{ spot: next.spot, what, related }];
  }
  if (tries?.args[0]?.text !== "1") return [];
  return [{ spot: tries.spot, what: `1 try, though there are ${servers.length} servers`, related }];
}

function isWithoutError({ args }: NginxDirective): boolean {
  const words = args.map(({ text }) => text);
  return (
    words.includes("off") ||
    (words.length > 0 && !words.includes("error") && !words.some((word) => word.includes("$")))
  );
}
