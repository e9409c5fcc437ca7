import { listLabelled } from "../../platforms/traefik/labels.js";
import { listFileServices } from "../../platforms/traefik/services.js";
import type { Fault, Rule } from "../rule.js";

/** `traefik/no-health-check` */
export const noHealthCheck: Rule = {
  id: "traefik/no-health-check",
  severity: "warning",
  title: "Traefik does not ask its servers whether they are ready",
  cause:
    "Without `healthCheck` Traefik sends requests to every server that it was told of, also to one that has begun to stop: they are refused, and the clients are answered 502.",
  next: "Add a `healthCheck` with the path of the service's readiness, and an interval of 2 s.",
  *check({ project }) {
    for (const { name, spot, count, check } of project.once(listFileServices)) {
      if (check !== null || count < 2) continue;
      yield { spot, what: `${count} servers of \`${name}\`, and no \`healthCheck\`` };
    }
    for (const { spot, service, check } of project.once(listLabelled)) {
      const { workload, isStack } = service;
      // Swarm tells Traefik itself which of its tasks run.
      if (isStack || check !== null || (workload.replicas?.value ?? 1) < 2) continue;
      yield {
        spot,
        what: `${workload.replicas?.value} replicas of \`${workload.name}\`, and no \`healthcheck\` among its labels`,
      } satisfies Fault;
    }
  },
};
