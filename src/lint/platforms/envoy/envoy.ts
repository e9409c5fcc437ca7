// envoy/: the clusters of Envoy's static configurations, and how soon they notice that an endpoint stops.
import { YAML } from "../../files/kinds.js";
import type { Project } from "../../files/project.js";
import type { Balancer } from "../../model/balancer.js";
import { parseDuration } from "../../source/duration.js";
import type { Spot } from "../../source/source.js";
import { at, entriesOf, itemsOf, numberOf, textOf, type Tree } from "../../source/tree.js";
import { given, usual, type Value } from "../../source/value.js";
import { isForDevelopment } from "../docker/dockerfiles.js";
import type { PlatformReader } from "../reader.js";

const IDLE = 3_600_000;

/** Envoy. */
export const ENVOY: PlatformReader = {
  kinds: [YAML],
  listBalancers: (project: Project) => project.once(listClusters).map(toBalancer),
};

/** A cluster of Envoy's. */
export interface EnvoyCluster {
  readonly name: string;
  /** Of its name. */
  readonly spot: Spot;
  readonly tree: Tree;
  /** The addresses of its endpoints. */
  readonly hosts: readonly Value<string>[];
}

/** Every cluster that is written down, and not told by a control plane. */
export function listClusters(project: Project): readonly EnvoyCluster[] {
  const files = project.all(YAML).filter(({ source }) => !isForDevelopment(source.file));
  return files.flatMap(({ value }) =>
    value.flatMap(({ tree }) =>
      itemsOf(at(tree ?? undefined, "static_resources", "clusters")).flatMap((cluster) => {
        const name = at(cluster, "name");
        const text = textOf(name);
        if (name === undefined || text === undefined || textOf(at(cluster, "type")) === "EDS")
          return [];
        return [{ name: text, spot: name.spot, tree: cluster, hosts: listHosts(cluster) }];
      }),
    ),
  );
}

function listHosts(cluster: Tree): Value<string>[] {
  return itemsOf(at(cluster, "load_assignment", "endpoints"))
    .flatMap((locality) => itemsOf(at(locality, "lb_endpoints")))
    .flatMap((endpoint) => {
      const address = at(endpoint, "endpoint", "address", "socket_address", "address");
      const text = textOf(address);
      return address === undefined || text === undefined
        ? []
        : [given("address", text, address.spot)];
    });
}

function toBalancer(cluster: EnvoyCluster): Balancer {
  const { name, spot, hosts, tree } = cluster;
  const check = itemsOf(at(tree, "health_checks")).find(
    (each) => at(each, "http_health_check") !== undefined,
  );
  const path = at(check, "http_health_check", "path");
  const text = textOf(path);
  return {
    kind: "envoy",
    name: `cluster ${name}`,
    spot,
    hosts,
    ...readLag(check),
    checkPath: path === undefined || text === undefined ? null : given("path", text, path.spot),
    keepAlive: readIdle(cluster),
    selects: null,
    workloads: [],
  };
}

/** A status that was not expected is enough: the threshold counts for what does not answer, and what is to be retried. */
function readLag(check: Tree | undefined): Pick<Balancer, "lag" | "sum"> {
  const interval = at(check, "interval");
  const time = parseDuration(textOf(interval) ?? "");
  if (interval === undefined || time === undefined) return { lag: null, sum: "" };
  const isRetried = at(check, "http_health_check", "retriable_statuses") !== undefined;
  if (!isRetried) return { lag: given("interval", time, interval.spot), sum: "interval" };
  const threshold = numberOf(at(check, "unhealthy_threshold"));
  if (threshold === undefined) return { lag: null, sum: "" };
  return { lag: given("interval × unhealthy_threshold", time * threshold, interval.spot), sum: "" };
}

/** Connections of HTTP/2 are told before they are closed. */
function readIdle({ tree, spot }: EnvoyCluster): Value<number> | null {
  const options = entriesOf(at(tree, "typed_extension_protocol_options")).map(({ value }) => value);
  const isHttp2 = [tree, ...options].some(
    (each) =>
      at(each, "http2_protocol_options") !== undefined ||
      at(each, "explicit_http_config", "http2_protocol_options") !== undefined ||
      at(each, "auto_config") !== undefined ||
      at(each, "use_downstream_protocol_config") !== undefined,
  );
  if (isHttp2) return null;
  const written = [tree, ...options].flatMap(
    (each) => at(each, "common_http_protocol_options", "idle_timeout") ?? [],
  )[0];
  if (written === undefined) return usual("idle_timeout", IDLE, spot);
  const time = parseDuration(textOf(written) ?? "");
  return time === undefined || time === 0 ? null : given("idle_timeout", time, written.spot);
}
