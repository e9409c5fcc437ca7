import type { Finding as AnyFinding, SourceLocation } from "../../findings/finding.js";

export type { SourceLocation };

/** How much it matters: an error lost something or will; a warning costs time, or needs luck. */
export type Severity = "error" | "warning";

/** One thing that is wrong with how a service stops, found in a run: a finding, with evidence that a run has. */
export interface Finding extends AnyFinding<Evidence> {
  readonly severity: Severity;
}

/** One thing that was seen, and when. */
export interface Evidence {
  /** One line: `POST /orders (pool) was reset 29 ms after the signal`. */
  readonly what: string;
  readonly trial: number;
  /** From the signal; null for what has no instant. */
  readonly atMs: number | null;
  /** The request's id in the ledger; null where it is about no request. */
  readonly request: string | null;
  /** `GET /report`; null where it is about no route. */
  readonly route: string | null;
  /** The line of the service's own source that is to blame; null where that is not known. */
  readonly source: SourceLocation | null;
}
