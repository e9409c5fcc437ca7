import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, showFact } from "../say.js";
import { closedAt, findFlip, wasWell } from "./flip.js";

export const neverFlipped: Rule = {
  id: "readiness/never-flipped",
  severity: "error",
  title: "the readiness probe says ready to the end",
  cause:
    "The readiness probe never said not ready, so a balancer that watches it learns of the stop only when connections are refused.",
  next: "Answer 503 to the readiness probe from the signal on, and go on serving until balancers have noticed.",
  explainedBy: [
    "signal/never-arrived",
    "signal/ignored",
    "exit/at-once",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
    "listener/closed-before-lame-duck",
  ],
  find: (facts: StopFacts): Sighting | undefined => {
    if (!wasWell(facts, "readiness") || findFlip(facts) !== undefined) return undefined;
    const closed = closedAt(facts);
    const what = `the readiness probe said ready until the listener closed ${afterSignal(closed)}`;
    return { what, count: 1, evidence: [showFact(facts.trial, what, closed)] };
  },
};
