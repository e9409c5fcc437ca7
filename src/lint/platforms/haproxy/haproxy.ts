// haproxy/: backends of HAProxy, with what they take from their defaults, and how soon they notice that a server stops.
import type { Project } from "../../files/project.js";
import type { Balancer } from "../../model/balancer.js";
import { given, sayTime, usual, type Value } from "../../source/value.js";
import type { PlatformReader } from "../reader.js";
import { HAPROXY_FILE } from "./file.js";
import { isHttpChecked, listGroups, type ServerGroup } from "./groups.js";
import { settingOf, type HaproxyServer } from "./servers.js";
import { parseHaproxyTime } from "./times.js";

const INTER = 2_000;
const FALL = 3;

/** HAProxy. */
export const HAPROXY: PlatformReader = {
  kinds: [HAPROXY_FILE],
  listBalancers: (project: Project) =>
    project
      .once(listGroups)
      .filter(({ mode, servers }) => mode === "http" && servers.length > 0)
      .map(toBalancer),
};

function toBalancer(group: ServerGroup): Balancer {
  const slowest = findSlowest(group);
  return {
    kind: "haproxy",
    name: `${group.section.kind} ${group.section.name ?? ""}`.trim(),
    spot: group.section.spot,
    hosts: group.servers.flatMap(({ host }) => host ?? []),
    lag: slowest?.lag ?? null,
    sum: slowest?.sum ?? "",
    checkPath: readCheckPath(group),
    keepAlive: null,
    selects: null,
    workloads: [],
  };
}

interface Lag {
  readonly lag: Value<number>;
  readonly sum: string;
}

/** The server that is noticed last; none where one of them is not asked over HTTP at all, or a time is not known. */
function findSlowest(group: ServerGroup): Lag | undefined {
  if (!isHttpChecked(group)) return undefined;
  const lags = group.servers.map(readLag);
  if (!lags.every((lag) => lag !== undefined)) return undefined;
  return lags.toSorted((a, b) => b.lag.value - a.lag.value)[0];
}

function readLag(server: HaproxyServer): Lag | undefined {
  const inter = readTime(server, "inter", INTER);
  const fast =
    settingOf(server, "fastinter") === undefined ? inter : readTime(server, "fastinter", INTER);
  const written = settingOf(server, "fall");
  const fall = written === undefined ? FALL : Number(written.value?.text);
  if (inter === undefined || fast === undefined || !Number.isInteger(fall) || fall < 1)
    return undefined;
  const value = inter + (fall - 1) * fast;
  const sum =
    fast === inter
      ? `inter ${sayTime(inter)} × fall ${fall}`
      : `inter ${sayTime(inter)} + fastinter ${sayTime(fast)} × ${fall - 1}`;
  const place = settingOf(server, "inter") ?? written;
  const lag =
    place === undefined
      ? usual("inter × fall", value, server.spot)
      : given("inter × fall", value, place.spot);
  return { lag, sum };
}

function readTime(server: HaproxyServer, name: string, without: number): number | undefined {
  const setting = settingOf(server, name);
  if (setting === undefined) return without;
  return setting.value?.isLiteral === true ? parseHaproxyTime(setting.value.text) : undefined;
}

/** `option httpchk GET /readyz`, `http-check send meth GET uri /readyz`. */
function readCheckPath(group: ServerGroup): Value<string> | null {
  if (!isHttpChecked(group)) return null;
  const sent = group.linesOf("http-check").findLast(({ words }) => words[1]?.text === "send");
  const at = sent?.words.findIndex(({ text }) => text === "uri") ?? -1;
  const words = group.option("httpchk")?.words ?? [];
  const path = (at === -1 ? undefined : sent?.words[at + 1]) ?? words[3] ?? words[2];
  return path?.isLiteral === true && path.text.startsWith("/")
    ? given("path", path.text, path.spot)
    : null;
}
