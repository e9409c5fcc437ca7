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
  /** When it was due, from the signal; only of the open loop. */
  readonly dueMs?: number;
  /** When its first byte was sent, from the signal; null when none was. */
  readonly startMs: number | null;
  /** When its client learnt how it ended, from the signal. */
  readonly endMs: number;
  /** When the answer's first byte arrived, from the signal; null when none did. */
  readonly firstByteMs: number | null;
  readonly outcome: Outcome;
  readonly kind: string;
  readonly status: number | null;
  /** Whether the answer said `Connection: close`. */
  readonly saysClose: boolean;
  /** What answered, as the answer's `--instance-header` says; absent without one. */
  readonly instance?: string;
}

/** A request as the ledger file has it. */
export function toRow(entry: Entry, origin: Origin, trial: number): RequestRow {
  const start = origin(entry.generation);
  const { id, client, method, path, connection, generation, outcome, kind, status, dueAt } = entry;
  return {
    trial,
    id,
    client,
    method,
    path,
    connection,
    generation,
    ...(dueAt === undefined ? {} : { dueMs: since(start, dueAt) }),
    startMs: since(start, entry.sentAt),
    endMs: since(start, entry.endedAt),
    firstByteMs: since(start, entry.firstByteAt),
    outcome,
    kind,
    status,
    saysClose: entry.saysClose,
    ...(entry.instance === undefined ? {} : { instance: entry.instance }),
  };
}

/** Milliseconds from one instant to another, to a tenth. */
export function since(origin: number, at: number): number;
export function since(origin: number, at: number | null): number | null;
export function since(origin: number, at: number | null): number | null {
  return at === null ? null : Math.round((at - origin) * 10) / 10;
}
