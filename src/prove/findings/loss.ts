import type { RequestRow } from "../facts/row.js";

/** A request that was lost, and when its connection went. */
export interface Loss {
  readonly row: RequestRow;
  /** When its end arrived on this machine, from the signal: what a rule compares. */
  readonly atMs: number;
  /** When its client saw it, half a round trip later: what is told, beside when it was sent. */
  readonly seenMs: number;
}

export type Losses = Readonly<Record<LossKind, readonly Loss[]>>;

/** How a request came to be lost, as far as the wire tells. */
export type LossKind =
  /** A new connection was refused. */
  | "refused"
  /** A new connection was neither made nor refused. */
  | "hung"
  /** A new connection, made by the kernel, was taken away when the listener closed. */
  | "queued"
  /** It crossed the close of its connection, which nothing had announced. */
  | "crossed"
  /** The service had it, and cut its connection without an answer. */
  | "cut"
  | "upload"
  /** The answer had begun. */
  | "torn"
  | "reader"
  | "pipeline"
  | "expect"
  | "websocket"
  | "h2"
  /** Answered in full, and not as it should be: 5xx, or another status or body than expected. */
  | "wrong"
  /** Ended by SIGKILL at the end of the grace period. */
  | "killed"
  | "other";

/** Whole answers that are losses even so. */
export const WRONG: ReadonlySet<string> = new Set(["5xx", "unexpected-status", "unexpected-body"]);
