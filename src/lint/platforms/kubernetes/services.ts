import type { Project } from "../../files/project.js";
import { at, entriesOf, itemsOf, numberOf, textOf, type Tree } from "../../source/tree.js";
import { readManifests, type KubernetesObject } from "./objects.js";
import { containersOf, listPods, toTexts, type Pods } from "./pods.js";

/** Ports of what speaks a protocol of its own: its clients connect again by themselves. */
const STORES = new Set([
  53, 389, 636, 1433, 1521, 1883, 2049, 2181, 2379, 2380, 3306, 4222, 5432, 5672, 6379, 6650, 5701,
  7000, 7077, 7687, 9042, 9092, 9093, 9200, 9300, 11_211, 25_672, 26_257, 26_379, 27_017, 28_015,
]);

/** A Service, and the pods that it selects. */
export interface Served {
  readonly service: KubernetesObject;
  readonly pods: readonly Pods[];
  /** The ports of the containers, as numbers or names. */
  readonly targets: readonly (number | string)[];
}

/** Each Service that selects pods of the project, and is none of a store's. */
export function listServed(project: Project): readonly Served[] {
  const byLabel = indexPods(project.once(listPods));
  const services = project.once(readManifests).objects.filter(isService);
  return services.flatMap((service) => {
    const selected = findCandidates(byLabel, service).filter((one) => selects(service, one));
    const ports = itemsOf(at(service.tree, "spec", "ports"));
    const isStore = ports.some(isOfStore);
    if (selected.length === 0 || isStore || selected.every(runsStore)) return [];
    return [{ service, pods: selected, targets: ports.flatMap(targetOf) }];
  });
}

/** Pods by each of their labels: a large tree has thousands of each. */
function indexPods(all: readonly Pods[]): ReadonlyMap<string, readonly Pods[]> {
  const byLabel = new Map<string, Pods[]>();
  for (const pods of all) {
    for (const [key, value] of pods.labels) {
      const label = `${key}=${value}`;
      const others = byLabel.get(label);
      if (others === undefined) byLabel.set(label, [pods]);
      else others.push(pods);
    }
  }
  return byLabel;
}

function findCandidates(
  byLabel: ReadonlyMap<string, readonly Pods[]>,
  { tree }: KubernetesObject,
): readonly Pods[] {
  const [first] = entriesOf(at(tree, "spec", "selector"));
  if (first?.value.kind !== "scalar") return [];
  return byLabel.get(`${first.key}=${String(first.value.value)}`) ?? [];
}

function isService({ kind, apiVersion }: KubernetesObject): boolean {
  return kind === "Service" && apiVersion === "v1";
}

/** Without a namespace of its own, an object goes where it is applied: beside those that have none either. */
function selects(service: KubernetesObject, { object, labels }: Pods): boolean {
  const selector = entriesOf(at(service.tree, "spec", "selector"));
  if (selector.length === 0 || service.namespace !== object.namespace) return false;
  return selector.every(
    ({ key, value }) => value.kind === "scalar" && labels.get(key) === String(value.value),
  );
}

function isOfStore(port: Tree): boolean {
  const numbers = [numberOf(at(port, "targetPort")), numberOf(at(port, "port"))];
  return (
    numbers.some((one) => one !== undefined && STORES.has(one)) ||
    textOf(at(port, "protocol")) === "UDP"
  );
}

const STORE =
  /(?:^|[/_-])(?:postgres|postgresql|mysql|mariadb|percona|mongo|mongodb|redis|valkey|keydb|kafka|zookeeper|rabbitmq|memcached|elasticsearch|opensearch|cassandra|cockroach|etcd|nats|minio|documentdb|ferretdb|influxdb|clickhouse|neo4j|couchdb|rethinkdb)(?:[/:@_-]|$)/;

/** Whatever its port is. */
function runsStore({ spec }: Pods): boolean {
  return containersOf(spec).some((container) => STORE.test(textOf(at(container, "image")) ?? ""));
}

function targetOf(port: Tree): (number | string)[] {
  const target = at(port, "targetPort") ?? at(port, "port");
  const value = numberOf(target) ?? textOf(target);
  return value === undefined ? [] : [value];
}

/** Whether a container has one of the ports: by its number or its name, or because the pod has no other container. */
export function servesPort(
  container: Tree,
  { spec }: Pods,
  targets: readonly (number | string)[],
): boolean {
  const ports = itemsOf(at(container, "ports"));
  const isNamed = ports.some((port) =>
    targets.some(
      (target) =>
        target === numberOf(at(port, "containerPort")) || target === textOf(at(port, "name")),
    ),
  );
  return isNamed || (containersOf(spec).length === 1 && ports.length === 0);
}

/** Labels of a Service or an Ingress that say what they are for. */
export function annotationsOf({ tree }: KubernetesObject): ReadonlyMap<string, string> {
  return toTexts(at(tree, "metadata", "annotations"));
}
