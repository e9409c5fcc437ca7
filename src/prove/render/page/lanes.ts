import type { DrawnRequest } from "./columns.js";

/** A request and the row of the drawing it is in. */
export interface PlacedRequest {
  readonly request: DrawnRequest;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Connections of one kind of client, one after another in as few lanes as hold them. */
export interface LaneGroup {
  readonly client: string;
  readonly connections: number;
  readonly requests: number;
  /** Each in the order of its beginnings. */
  readonly lanes: readonly (readonly PlacedRequest[])[];
}

// What was refused has no extent in time; drawn, it must not lie upon the next.
const LEAST_MS = 2;

/** Groups requests by the kind of their client and packs their connections into lanes. */
export function packLanes(requests: readonly DrawnRequest[]): LaneGroup[] {
  const clients = groupBy(requests, ({ client }) => client);
  return [...clients].map(([client, mine]) => {
    const connections = [...groupBy(mine, ({ connection }) => connection).values()].map(place);
    connections.sort((a, b) => begin(a) - begin(b));
    return {
      client,
      connections: connections.length,
      requests: mine.length,
      lanes: packConnections(connections),
    };
  });
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function place(requests: readonly DrawnRequest[]): PlacedRequest[] {
  return requests
    .map((request) => {
      const { startMs, endMs } = request;
      if (startMs === null) return { request, fromMs: endMs, toMs: endMs + LEAST_MS };
      return { request, fromMs: startMs, toMs: Math.max(startMs, endMs) };
    })
    .sort((a, b) => a.fromMs - b.fromMs);
}

function begin(connection: readonly PlacedRequest[]): number {
  return connection[0]?.fromMs ?? 0;
}

/** A lane is taken from a connection's first request to its last, so that it holds one at a time. */
function packConnections(connections: readonly (readonly PlacedRequest[])[]): PlacedRequest[][] {
  const lanes: PlacedRequest[][] = [];
  const busyUntil: number[] = [];
  for (const connection of connections) {
    const from = begin(connection);
    const rows = spreadStreams(connection);
    const until = connection.reduce((latest, { toMs }) => Math.max(latest, toMs), from);
    let at = 0;
    for (const row of rows) {
      while (at < lanes.length && (busyUntil[at] ?? 0) > from) at += 1;
      const lane = (lanes[at] ??= []);
      for (const placed of row) lane.push(placed);
      busyUntil[at] = until;
      at += 1;
    }
  }
  return lanes;
}

/** Requests that share a connection at the same time, as streams and pipelined ones do, get rows of their own. */
function spreadStreams(connection: readonly PlacedRequest[]): PlacedRequest[][] {
  const rows: PlacedRequest[][] = [];
  for (const placed of connection) {
    const free = rows.find((row) => (row.at(-1)?.toMs ?? 0) <= placed.fromMs);
    if (free === undefined) rows.push([placed]);
    else free.push(placed);
  }
  return rows;
}
