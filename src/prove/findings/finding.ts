/** How much it matters: an error lost something or will; a warning costs time, or needs luck. */
export type Severity = "error" | "warning";

/** One thing that is wrong with how a service stops, found in a run. */
export interface Finding {
  /** A word from the catalogue, such as `inflight/cut`. */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence, with the run's own figures. */
  readonly what: string;
  /** Why that happens, in plain words. */
  readonly cause: string;
  /** What to do about it. */
  readonly next: string;
  /** Its page below `docs/`: `findings/inflight-cut.md`. */
  readonly page: string;
  /** How often it was seen. `evidence` may show fewer. */
  readonly count: number;
  readonly evidence: readonly Evidence[];
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

/** A place in the service's source, source maps applied. */
export interface SourceLocation {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The function it is in; null where it has no name. */
  readonly in: string | null;
}
