// nginx/: to which servers nginx passes requests, and how: which of them it tries again, how long it keeps connections.
import type { Project } from "../../files/project.js";
import type { Balancer } from "../../model/balancer.js";
import type { PlatformReader } from "../reader.js";
import { NGINX_FILE } from "./file.js";
import { listPasses, type Pass } from "./passes.js";
import { readKeepAlive } from "./keep-alive.js";

/** nginx. It asks no server how it is: it notices a stop by the requests that fail. */
export const NGINX: PlatformReader = {
  kinds: [NGINX_FILE],
  listBalancers: (project: Project) => project.once(listPasses).map(toBalancer),
};

function toBalancer(pass: Pass): Balancer {
  return {
    kind: "nginx",
    name: `proxy_pass ${pass.target}`,
    spot: pass.directive.spot,
    hosts: pass.servers.flatMap(({ host }) => host ?? []),
    lag: null,
    sum: "",
    checkPath: null,
    keepAlive: readKeepAlive(pass),
    selects: null,
    workloads: [],
  };
}
