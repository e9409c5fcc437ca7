import type { Described } from "../../findings/catalogue.js";
import type { Severity } from "../../findings/finding.js";
import type { Deployment } from "../model/deployment.js";
import type { Spot } from "../source/source.js";

/** One thing that can be wrong with a deployment. */
export interface Rule extends Described {
  /**
   * Every place where it is. It is silent where it would have to guess: what it needs and cannot see is null in the
   * model.
   */
  readonly check: (deployment: Deployment) => Iterable<Fault>;
}

/** A rule's words about one place. */
export interface Fault {
  /** The value to change. */
  readonly spot: Spot;
  /** One sentence with its own figures, the sum first: `preStop 5 s + gracePeriod 30 s = 35 s > … 30 s`. */
  readonly what: string;
  /** Its partners: the other values of the sum. */
  readonly related?: readonly Related[];
  /** Where it is not as grave as the rule's own. */
  readonly severity?: Severity;
  /** What is seen in production, where that depends on the place. */
  readonly cause?: string;
  /** The smallest edit, where it can be named: "set terminationGracePeriodSeconds to 35". */
  readonly next?: string;
  /** The same for `--fix`: only where it is one value, and safe. */
  readonly edit?: Edit;
  /** The `prove` command that shows it. */
  readonly prove?: string;
}

/** Another place that has a part in it. */
export interface Related {
  readonly spot: Spot;
  /** `gracePeriod 30 s, lastcall's default`. */
  readonly what: string;
}

/** A text in place of the one at a spot. */
export interface Edit {
  readonly spot: Spot;
  readonly text: string;
}
