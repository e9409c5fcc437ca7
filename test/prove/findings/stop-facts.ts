// Facts of a stop, as short as a test needs them: what was seen, and nothing else.
import type { Finding } from "#src/prove/facts/finding.js";
import type { Holder } from "#src/prove/facts/holders.js";
import type { Client } from "#src/prove/facts/ledger.js";
import type { ConnectionRow, ProbeRow, StopFacts } from "#src/prove/findings/facts.js";
import { findFindings } from "#src/prove/findings/find.js";
import { explainLosses } from "#src/prove/findings/losses.js";
import type { RequestRow, StopResult } from "#src/prove/index.js";

const LAG = 2_000;
const GRACE = 30_000;
const EXPOSED = { requests: 0, lost: 0 };

/** What differs from a stop in which nothing was wrong. */
export interface Given {
  readonly exit?: Partial<StopResult["exit"]>;
  readonly timeline?: Partial<StopResult["timeline"]>;
  readonly connections?: readonly Used[];
  readonly holders?: readonly Holder[];
  readonly facts?: Partial<StopFacts>;
  readonly probes?: readonly ProbeRow[];
  readonly reports?: StopResult["reports"];
}

/** A connection and the requests on it. */
export interface Used {
  readonly row: ConnectionRow;
  readonly requests: readonly RequestRow[];
}

let numbers = 0;

/** A connection made long before the signal, and closed by the service 2.6 s after it. */
export function used(
  client: Client,
  requests: readonly Partial<RequestRow>[],
  row: Partial<ConnectionRow> = {},
): Used {
  numbers += 1;
  const number = numbers;
  const connection: ConnectionRow = {
    number,
    client,
    askedMs: -510,
    connectedMs: -500,
    saidCloseMs: null,
    endMs: 2_600,
    end: "closed by service",
    ...row,
  };
  return {
    row: connection,
    requests: requests.map((request, index) => ({
      trial: 1,
      id: `p-${String(number)}-${String(index)}`,
      client,
      method: "GET",
      path: "/",
      connection: number,
      generation: 0,
      startMs: -200,
      endMs: -190,
      firstByteMs: -195,
      outcome: "ok",
      kind: "complete",
      status: 200,
      saysClose: false,
      ...request,
    })),
  };
}

/** Lost without a byte: sent and ended at these instants. */
export function lost(startMs: number, endMs: number, kind = "reset"): Partial<RequestRow> {
  return { startMs, endMs, firstByteMs: null, status: null, outcome: "dropped", kind };
}

/** Answered at that instant. */
export function answered(endMs: number, saysClose = false): Partial<RequestRow> {
  return { startMs: endMs - 12, firstByteMs: endMs - 5, endMs, saysClose };
}

/** Of a service that said close, stopped accepting after the lag, and left with 0. */
export function stopFacts(given: Given = {}): StopFacts {
  const held =
    given.holders === undefined
      ? null
      : { connections: given.holders, processes: [], hasListener: true };
  const afterSignalMs = given.exit?.afterSignalMs ?? (held === null ? 2_700 : GRACE + 4);
  const connections = given.connections ?? [];
  const seen = {
    trial: 1,
    asked: {
      signal: "SIGTERM",
      grace: GRACE,
      lag: LAG,
      rtt: 10,
      secondSignal: null,
      signalGroup: false,
    } as const,
    stop: stopResult(given, afterSignalMs, held),
    held,
    exitMs: afterSignalMs,
    disposition: null,
    repeatedMs: null,
    toldMs: 1,
    tornLine: null,
    keepAlive: null,
    listenerOpenMs: null,
    requests: connections.flatMap(({ requests }) => requests),
    connections: new Map(connections.map(({ row }) => [row.number, row])),
    probes: given.probes ?? [],
    ...given.facts,
  };
  return { ...seen, losses: explainLosses(seen) };
}

function stopResult(
  given: Given,
  afterSignalMs: number,
  held: StopResult["exit"]["killed"],
): StopResult {
  return {
    generation: 0,
    signal: "SIGTERM",
    inFlightAtSignal: 0,
    websocketCloses: {},
    exposed: EXPOSED,
    latency: null,
    reports: given.reports ?? [],
    output: [],
    exit: {
      code: held === null ? 0 : 137,
      signal: held === null ? null : "SIGKILL",
      afterSignalMs,
      afterSecondSignalMs: null,
      afterLastByteMs: 100,
      killed: held,
      running: null,
      orphans: null,
      ...given.exit,
    },
    timeline: {
      firstCloseMs: 10,
      firstGoawayMs: null,
      signalledAgainMs: null,
      lastAcceptedMs: 1_990,
      listenerClosedMs: 2_300,
      firstRefusedMs: null,
      lastByteMs: 2_600,
      exitMs: afterSignalMs,
      bins: { startMs: -1_000, widthMs: 50, ok: [], lost: [] },
      ...given.timeline,
    },
  };
}

/** The ids of what is found, in their order. */
export function idsOf(...stops: readonly StopFacts[]): string[] {
  return find(...stops).map(({ id }) => id);
}

export function find(...stops: readonly StopFacts[]): Finding[] {
  return findFindings(stops);
}

/** A connection that was open when the grace period ended. */
export function holder(
  client: Client,
  state: Holder["state"],
  request: string | null = null,
): Holder {
  return { client, connection: 0, state, request, ageMs: GRACE };
}
