import type { Project } from "../../files/project.js";
import type { Spot } from "../../source/source.js";
import { at, entriesOf, itemsOf, textOf, type Tree } from "../../source/tree.js";
import { given, usual } from "../../source/value.js";
import { listServices, type ComposeService } from "../compose/compose.js";
import type { HealthCheck } from "./services.js";
import { parseTraefikTime } from "./times.js";

const INTERVAL = 30_000;
const LABEL = /^traefik\.http\.services\.([^.]+)\.loadbalancer\.(.+)$/i;

/** A service of Compose that Traefik is told of by labels. */
export interface Labelled {
  readonly name: string;
  /** Of the first label. */
  readonly spot: Spot;
  readonly service: ComposeService;
  readonly check: HealthCheck | null;
}

interface Label {
  readonly name: string;
  readonly text: string;
  readonly spot: Spot;
}

/** Every service of Compose with labels of a balancer's. */
export function listLabelled(project: Project): readonly Labelled[] {
  return project.once(listServices).flatMap((service) => {
    const tree = service.entry.value;
    const labels = [at(tree, "labels"), at(tree, "deploy", "labels")].flatMap(readLabels);
    const [first] = labels.filter(({ name }) => /^traefik\.http\./i.test(name));
    if (first === undefined) return [];
    const named = labels.flatMap(({ name }) => LABEL.exec(name)?.[1] ?? []);
    return [
      { name: named[0] ?? service.entry.key, spot: first.spot, service, check: readCheck(labels) },
    ];
  });
}

function readLabels(tree: Tree | undefined): Label[] {
  const listed = itemsOf(tree).map((item) => {
    const [name = "", ...rest] = (textOf(item) ?? "").split("=");
    return { name, text: rest.join("="), spot: item.spot };
  });
  const mapped = entriesOf(tree).map(({ key, value }) => ({
    name: key,
    text: value.kind === "scalar" ? String(value.value) : "",
    spot: value.spot,
  }));
  return [...listed, ...mapped];
}

function readCheck(labels: readonly Label[]): HealthCheck | null {
  const of = (part: string): Label | undefined =>
    labels.find(({ name }) => LABEL.exec(name)?.[2]?.toLowerCase() === `healthcheck.${part}`);
  const path = of("path");
  if (path === undefined) return null;
  const interval = of("interval");
  const time = interval === undefined ? INTERVAL : parseTraefikTime(interval.text);
  const spot = (interval ?? path).spot;
  const make = interval === undefined ? usual : given;
  return {
    interval: time === undefined ? null : make("interval", time, spot),
    path: given("path", path.text, path.spot),
  };
}
