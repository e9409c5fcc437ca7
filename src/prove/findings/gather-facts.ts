import type { ConnectionEntry } from "../facts/ledger.js";
import { originOf } from "../facts/origin.js";
import type { ProbeChange } from "../facts/probes.js";
import type { StopResult } from "../facts/result.js";
import { since, toRow } from "../facts/row.js";
import type { KeepAlive, Stop } from "../facts/stop.js";
import type { LoadOutcome } from "../load/start.js";
import type { AskedFor, ConnectionRow, ProbeRow, StopFacts } from "./facts.js";
import { explainLosses } from "./losses.js";

export interface Gathered {
  readonly trial: number;
  readonly asked: AskedFor;
  readonly stop: Stop;
  readonly result: StopResult;
  readonly outcome: LoadOutcome;
  readonly keepAlive: KeepAlive | null;
}

/** Puts together what is known of one stop. */
export function gatherFacts({
  trial,
  asked,
  stop,
  result,
  outcome,
  keepAlive,
}: Gathered): StopFacts {
  const isMine = (item: { generation: number }): boolean => item.generation === stop.generation;
  const connections = outcome.connections
    .filter(isMine)
    .map((entry) => [entry.number, toConnectionRow(entry, stop.signalledAt)] as const);
  const origin = originOf([stop]);
  const { killed, running, afterSignalMs } = result.exit;
  const seen = {
    trial,
    asked,
    stop: result,
    held: killed ?? running,
    exitMs: afterSignalMs,
    disposition: stop.disposition,
    repeatedMs: since(stop.signalledAt, stop.repeatedAt),
    toldMs: stop.isAlone ? since(stop.signalledAt, stop.toldAt) : null,
    tornLine: exitedBy(stop)?.tornLine ?? null,
    keepAlive,
    listenerOpenMs: since(stop.signalledAt, stop.listenedAt),
    requests: outcome.entries.filter(isMine).map((entry) => toRow(entry, origin, trial)),
    connections: new Map(connections),
    probes: outcome.probes.filter(isMine).map((change) => toProbeRow(change, stop.signalledAt)),
  };
  return { ...seen, losses: explainLosses(seen) };
}

/** Of one that was killed the end of its output says nothing. */
function exitedBy({ lastWords, held }: Stop): Stop["lastWords"] {
  return held === null ? lastWords : null;
}

function toProbeRow(change: ProbeChange, origin: number): ProbeRow {
  const { kind, answer, askedAt, answeredAt } = change;
  return { kind, askedMs: since(origin, askedAt), answeredMs: since(origin, answeredAt), answer };
}

function toConnectionRow(entry: ConnectionEntry, origin: number): ConnectionRow {
  const { number, client, end } = entry;
  return {
    number,
    client,
    askedMs: since(origin, entry.askedAt),
    connectedMs: since(origin, entry.connectedAt),
    saidCloseMs: since(origin, entry.saidCloseAt),
    endMs: since(origin, entry.endedAt),
    end,
  };
}
