import type { Timeouts } from "../../options/settings.js";
import type { Connection } from "../connection/connection.js";
import type { StreamInFlight } from "../http2/streams.js";

/** What becomes of a connection that is due. */
export interface Sweep {
  idle(connection: Connection): void;
  stalled(connection: Connection, kind: "head" | "body"): void;
  /** One stream of an HTTP/2 session stands still; the others need not suffer. */
  stuck(connection: Connection, kind: "body" | "send", item: StreamInFlight): void;
}

/**
 * By what each protocol judges its connections: it closes one that is due, and otherwise tells the instant at which it can be.
 */
export interface Judging {
  readonly timeouts: Timeouts;
  readonly sweep: Sweep;
  /** What had been read by then is known. */
  readonly instant: number;
  /** No client is left that could send anything new. */
  readonly isHurried: boolean;
}
