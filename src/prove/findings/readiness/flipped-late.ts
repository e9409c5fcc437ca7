import { formatDuration } from "../../facts/duration.js";
import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, showFact } from "../say.js";
import { closedAt, findFlip, wasWell } from "./flip.js";

/** Share of the balancer's lag that is too short for it to notice anything. */
const TOO_SHORT = 0.5;

export const flippedLate: Rule = {
  id: "readiness/flipped-late",
  severity: "error",
  title: "the readiness probe says not ready only when the listener is about to close",
  cause:
    "The probe said not ready so late that a balancer that watches it could not act on it before new connections were refused.",
  next: "Answer 503 to the readiness probe from the signal on, before the wait for balancers and not after it.",
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
    const flip = findFlip(facts);
    if (!wasWell(facts, "readiness") || flip === undefined) return undefined;
    const closed = closedAt(facts);
    const ahead = closed - flip.answeredMs;
    if (ahead >= facts.asked.lag * TOO_SHORT) return undefined;
    const when = ahead < 0 ? "after" : `only ${formatDuration(ahead)} before`;
    return {
      what: `the readiness probe said not ready ${when} the listener closed`,
      count: 1,
      evidence: [
        showFact(
          facts.trial,
          `readiness ${String(flip.answer)} ${afterSignal(flip.answeredMs)}`,
          flip.answeredMs,
        ),
        showFact(facts.trial, `listener closed ${afterSignal(closed)}`, closed),
      ],
    };
  },
};
