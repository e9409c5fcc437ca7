import { YAML } from "../../files/kinds.js";
import type { Project } from "../../files/project.js";
import type { Spot } from "../../source/source.js";
import { at, entriesOf, itemsOf, textOf, type Entry, type Tree } from "../../source/tree.js";
import { given, usual, type Value } from "../../source/value.js";
import { TRAEFIK_TOML } from "./file.js";
import { toTime } from "./times.js";

const INTERVAL = 30_000;

/** A service of the file provider. */
export interface FileService {
  readonly name: string;
  readonly spot: Spot;
  readonly hosts: readonly Value<string>[];
  /** How many servers it has. */
  readonly count: number;
  /** Null without one. */
  readonly check: HealthCheck | null;
}

/** How Traefik asks a service how it is. */
export interface HealthCheck {
  /** Null where that is not known. */
  readonly interval: Value<number> | null;
  readonly path: Value<string> | null;
}

/** The services of all dynamic configurations. */
export function listFileServices(project: Project): readonly FileService[] {
  const trees = [
    ...project.all(YAML).flatMap(({ value }) => value.flatMap(({ tree }) => tree ?? [])),
    ...project.all(TRAEFIK_TOML).map(({ value }) => value),
  ];
  return trees.flatMap((tree) =>
    entriesOf(at(tree, "http", "services")).flatMap((entry) => toService(entry) ?? []),
  );
}

function toService({ key, keySpot, value }: Entry): FileService | undefined {
  const balancer = at(value, "loadBalancer");
  const servers = itemsOf(at(balancer, "servers"));
  if (servers.length === 0) return undefined;
  const check = at(balancer, "healthCheck") ?? at(balancer, "healthcheck");
  return {
    name: key,
    spot: keySpot,
    hosts: servers.flatMap((server) => readHost(at(server, "url")) ?? []),
    count: servers.length,
    check: check === undefined ? null : readCheck(check, keySpot),
  };
}

function readHost(url: Tree | undefined): Value<string> | undefined {
  const [, host] = /^https?:\/\/([^/:{}]+)/.exec(textOf(url) ?? "") ?? [];
  return host === undefined || url === undefined ? undefined : given("url", host, url.spot);
}

function readCheck(check: Tree, spot: Spot): HealthCheck {
  const interval = at(check, "interval");
  const path = at(check, "path");
  const text = textOf(path);
  return {
    interval:
      interval === undefined ? usual("interval", INTERVAL, spot) : toTime("interval", interval),
    path: path === undefined || text === undefined ? null : given("path", text, path.spot),
  };
}
