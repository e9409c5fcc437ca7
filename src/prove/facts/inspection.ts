import type { SourceLocation } from "../../findings/finding.js";

/** What something alive is: an outgoing request, a call into a package that was not answered … */
export type ResourceKind = "timer" | "socket" | "request" | "file" | "process" | "worker" | "call";

/**
 * How the requests of a trial were cancelled. `client-leaves`: their clients went in the middle.
 * `stop-passes`: the service was told to stop, and their clients waited for it. `after-answer`: they
 * were answered, then the service was told to stop.
 */
export type InspectionName = "client-leaves" | "stop-passes" | "after-answer";

/** When it was seen alive: after the wait, when the grace period ended, when its process exited. */
export type Until = "listed" | "grace-period-ended" | "process-exited";

/** What ended the request; the signal when nothing did. */
export type After = "client-left" | "cut" | "answer" | "signal";

/** What still lived on behalf of a request that was over. */
export interface InspectionEntry {
  readonly kind: ResourceKind;
  /** The call that made it: `setTimeout`, `http.get`, `pg Pool.query`. */
  readonly what: string;
  /** `GET /report` */
  readonly route: string;
  /** The request's id. */
  readonly request: string;
  readonly source: SourceLocation;
  /** The service's own lines that led there, from the inside out. */
  readonly callers: readonly SourceLocation[];
  /** How long it had existed. */
  readonly ageMs: number;
  /** How long it was since then. */
  readonly livedMs: number;
  readonly after: After;
  readonly until: Until;
}

/** One start of the service with the preload. */
export interface Inspection {
  /** Its number: the trials under load come before. */
  readonly trial: number;
  readonly name: InspectionName;
  /**
   * The routes of which a request could be judged: one that a process had begun before, and that was, or
   * was not yet, answered, as the inspection asks.
   */
  readonly judged: readonly string[];
  readonly entries: readonly InspectionEntry[];
}

/** What `--inspect` found out. */
export interface InspectionResult {
  readonly inspections: readonly Inspection[];
  /** Why there is no verdict; empty when there is one. */
  readonly faults: readonly string[];
}
