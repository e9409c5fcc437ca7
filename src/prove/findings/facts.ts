import type { Client, ConnectionEnd, ConnectionEntry } from "../ledger.js";
import type { ProbeAnswer, ProbeChange, ProbeKind } from "../load/probes.js";
import type { LoadOutcome } from "../load/start.js";
import { originOf } from "../origin.js";
import type { Held, StopResult } from "../result.js";
import type { Disposition } from "../disposition.js";
import type { Rollout } from "../rollout.js";
import { since, toRow, type RequestRow } from "../row.js";
import type { Stop } from "../stop.js";
import { explainLosses, type Losses } from "./losses.js";

/** What was asked for, as far as a rule may want to know. Times are milliseconds. */
interface AskedFor {
  readonly signal: NodeJS.Signals;
  readonly grace: number;
  readonly lag: number;
  readonly rtt: number;
  readonly secondSignal: number | null;
}

/** One connection of the load. Instants are milliseconds from the signal. */
export interface ConnectionRow {
  readonly number: number;
  readonly client: Client;
  readonly connectedMs: number | null;
  /** When the service first announced its end. */
  readonly saidCloseMs: number | null;
  /** When the end arrived on this machine. */
  readonly endMs: number;
  readonly end: ConnectionEnd;
}

/** A probe's answer that differs from the one before. Instants are milliseconds from the signal. */
export interface ProbeRow {
  readonly kind: ProbeKind;
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly answer: ProbeAnswer;
}

/** What is known of one command that ran under load. */
export interface RolloutFacts {
  readonly trial: number;
  readonly rollout: Rollout;
}

/** All that is known of one stop: what a rule may look at. Plain data, so that it can be kept. */
export interface StopFacts {
  readonly trial: number;
  readonly asked: AskedFor;
  readonly stop: StopResult;
  /** Who held it when the grace period ended; null when it had left by then. */
  readonly held: Held | null;
  /** When it ended; null when that was not seen. */
  readonly exitMs: number | null;
  /** What the process was about to do with the signal; null where that cannot be seen. */
  readonly disposition: Disposition | null;
  /** The line that its output ended in the middle of. */
  readonly tornLine: string | null;
  /** When its listener was last seen open; null when that was not seen. */
  readonly listenerOpenMs: number | null;
  /** Requests of the generation that was stopped. */
  readonly requests: readonly RequestRow[];
  readonly connections: ReadonlyMap<number, ConnectionRow>;
  readonly probes: readonly ProbeRow[];
  /** The requests that were lost, by how. */
  readonly losses: Losses;
}

export interface Gathered {
  readonly trial: number;
  readonly asked: AskedFor;
  readonly stop: Stop;
  readonly result: StopResult;
  readonly outcome: LoadOutcome;
}

/** Puts together what is known of one stop. */
export function gatherFacts({ trial, asked, stop, result, outcome }: Gathered): StopFacts {
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
    tornLine: stop.tornLine,
    listenerOpenMs: since(stop.signalledAt, stop.listenedAt),
    requests: outcome.entries.filter(isMine).map((entry) => toRow(entry, origin, trial)),
    connections: new Map(connections),
    probes: outcome.probes.filter(isMine).map((change) => toProbeRow(change, stop.signalledAt)),
  };
  return { ...seen, losses: explainLosses(seen) };
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
    connectedMs: since(origin, entry.connectedAt),
    saidCloseMs: since(origin, entry.saidCloseAt),
    endMs: since(origin, entry.endedAt),
    end,
  };
}
