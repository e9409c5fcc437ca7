import type { Client, Entry, Outcome } from "./ledger.js";
import type { Origin } from "./origin.js";

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

/** A request as the ledger file has it. */
export function toRow(entry: Entry, origin: Origin, trial: number): RequestRow {
  const start = origin(entry.generation);
  const since = (at: number): number => Math.round((at - start) * 10) / 10;
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
