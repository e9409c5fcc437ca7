import type { Described } from "../../findings/catalogue.js";
import type { Evidence, Severity } from "../facts/finding.js";
import type { StopFacts } from "./facts.js";

/**
 * One thing that can be wrong: what it is, and how it is seen in a stop, or in what else it looks at. Its id is the
 * name of its file, of its page and of its pair of services.
 */
export interface Rule<Facts = StopFacts> extends Described {
  readonly severity: Severity;
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
