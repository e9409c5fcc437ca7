import type { StopFacts } from "./facts.js";
import type { Evidence, Severity } from "./finding.js";

/** One thing that can be wrong: what it is, and how it is seen in a stop, or in what else it looks at. */
export interface Rule<Facts = StopFacts> {
  /** `group/name`, the name of its file, of its page and of its pair of services. */
  readonly id: string;
  readonly severity: Severity;
  /** One line for the table of all findings. */
  readonly title: string;
  /** Why that happens, in plain words. */
  readonly cause: string;
  /** What to do about it. */
  readonly next: string;
  /** Findings of the same stop that explain this one: one cause is told once. */
  readonly explainedBy: readonly string[];
  /** Undefined when they give no reason to speak. */
  find(facts: Facts): Sighting | undefined;
}

/** A rule's finding in one stop. */
export interface Sighting {
  /** One sentence, with the stop's own figures. */
  readonly what: string;
  readonly count: number;
  /** When it is worse, or not so bad, this time. */
  readonly severity?: Severity;
  readonly evidence: readonly Evidence[];
}
