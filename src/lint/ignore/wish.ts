import type { Fault } from "../rules/rule.js";
import type { Spot } from "../source/source.js";

/** One wish not to be told. */
export interface Ignore {
  /** As it is written; it need not be a rule's id. */
  readonly rule: string;
  /** Empty where none is given: then it is not followed. */
  readonly reason: string;
  readonly spot: Spot;
  /** Whether a finding is meant, by its place alone. */
  readonly covers: (fault: Fault) => boolean;
}
