import type { Client, Entry, Outcome } from "./ledger.js";
import type { Stop } from "./stop.js";

/** A request in the ledger file, one JSON object per line. */
export interface RequestRow {
  readonly trial: number;
  readonly id: string;
  readonly client: Client;
  readonly method: string;
  readonly path: string;
  readonly connection: number;
  /** 0, and one more for each restart. */
  readonly generation: number;
  /** When its first byte was sent, from the signal; null when none was. */
  readonly startMs: number | null;
  /** When its client learnt how it ended, from the signal. */
  readonly endMs: number;
  readonly outcome: Outcome;
  readonly kind: string;
  readonly status: number | null;
}

/** Counts an entry's instants from the signal its generation got, or else from the last one. */
export function toRow(entry: Entry, stops: readonly Stop[], trial: number): RequestRow {
  const stop = stops.find(({ generation }) => generation === entry.generation) ?? stops.at(-1);
  const since = (at: number): number => Math.round((at - (stop?.signalledAt ?? 0)) * 10) / 10;
  const { id, client, method, path, connection, generation, outcome, kind, status } = entry;
  const startMs = entry.sentAt === null ? null : since(entry.sentAt);
  const endMs = since(entry.endedAt);
  return {
    trial,
    id,
    client,
    method,
    path,
    connection,
    generation,
    startMs,
    endMs,
    outcome,
    kind,
    status,
  };
}
