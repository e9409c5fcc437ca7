// traefik/: services that Traefik balances, from its files and from the labels of Compose's services, and how soon it notices
// that one of them stops.
import type { Project } from "../../files/project.js";
import { YAML } from "../../files/kinds.js";
import type { Balancer } from "../../model/balancer.js";
import { usual, type Value } from "../../source/value.js";
import type { PlatformReader } from "../reader.js";
import { TRAEFIK_TOML } from "./file.js";
import { listLabelled, type Labelled } from "./labels.js";
import { listFileServices, type FileService } from "./services.js";
import { readIdleTimeout } from "./static.js";

/** Traefik. */
export const TRAEFIK: PlatformReader = {
  kinds: [YAML, TRAEFIK_TOML],
  listBalancers: (project: Project) => {
    const idle = project.once(readIdleTimeout);
    return [
      ...project.once(listFileServices).map((service) => ofFile(service, idle)),
      ...project.once(listLabelled).map((labelled) => ofLabels(labelled, idle)),
    ];
  },
};

/** What both kinds have in common: one check that fails is enough, so that the lag is the time between two. */
function toBalancer(
  check: FileService["check"],
  idle: number | null,
  rest: Pick<Balancer, "name" | "spot" | "hosts" | "selects">,
): Balancer {
  return {
    kind: "traefik",
    ...rest,
    lag: check?.interval ?? null,
    sum: "interval",
    checkPath: check?.path ?? null,
    keepAlive: idle === null ? null : idleOf(idle, rest.spot),
    workloads: [],
  };
}

function idleOf(idle: number, spot: Balancer["spot"]): Value<number> {
  return usual("idleConnTimeout", idle, spot);
}

function ofFile({ name, spot, hosts, check }: FileService, idle: number | null): Balancer {
  return toBalancer(check, idle, { name: `service ${name}`, spot, hosts, selects: null });
}

function ofLabels({ name, spot, check, service }: Labelled, idle: number | null): Balancer {
  const { workload } = service;
  return toBalancer(check, idle, {
    name: `service ${name}`,
    spot,
    hosts: [],
    selects: (one) =>
      one.spot.file === workload.spot.file && one.spot.start === workload.spot.start,
  });
}
