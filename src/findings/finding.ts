// findings/: what a finding is and how it is shown, for each that has a catalogue of them. It knows neither
// what was examined nor how.

/** How much it matters: an error fails a run, a warning does not, and information never does. */
export type Severity = "error" | "warning" | "info";

/** One thing that is wrong. As JSON it is written as it stands. */
export interface Finding<E extends Evidence = Evidence> {
  /** A word from the catalogue, such as `inflight/cut`. */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence, with its own figures. */
  readonly what: string;
  /** Why that happens, in plain words. */
  readonly cause: string;
  /** What to do about it. */
  readonly next: string;
  /** Its page below `docs/`: `findings/inflight-cut.md`. */
  readonly page: string;
  /** How often it was seen. `evidence` may show fewer. */
  readonly count: number;
  readonly evidence: readonly E[];
}

/** One thing that was seen. */
export interface Evidence {
  /** One line. */
  readonly what: string;
  /** The line that is to blame; null where that is not known. */
  readonly source: SourceLocation | null;
}

/** A place in a file. */
export interface SourceLocation {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The function it is in; null where it has no name. */
  readonly in: string | null;
}
