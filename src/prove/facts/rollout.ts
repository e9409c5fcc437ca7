import type { Outcome } from "./ledger.js";

/** What happened while a command ran under load. Instants count from its start. */
export interface Rollout {
  /** The shell command. */
  readonly command: string;
  /** As a shell shows it: 128 + n for a command ended by signal n. */
  readonly exitCode: number;
  /** Always 0: from here the others count. */
  readonly startMs: number;
  /** When the command ended. */
  readonly endMs: number;
  /** How long the load went on after that. */
  readonly tailMs: number;
  /** The times in which requests failed, in their order. */
  readonly gaps: readonly Gap[];
}

/** A time in which requests failed, none of them long after the one before. */
export interface Gap {
  /** When the first client saw its failure; a request without an answer counts from its sending. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** How many failed. */
  readonly count: number;
  /** How many were answered well meanwhile: none in an outage. */
  readonly answered: number;
  /** The longest time within it in which none was answered. */
  readonly silentMs: number;
  /** How they failed, most frequent first. */
  readonly kinds: readonly GapKind[];
}

/** Requests that failed alike. */
export interface GapKind {
  readonly outcome: Extract<Outcome, "refused" | "dropped">;
  readonly kind: string;
  readonly count: number;
  /** Ids of the first of them, as in the ledger and in `X-Request-Id`. */
  readonly ids: readonly string[];
}
