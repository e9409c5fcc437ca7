import type { StopFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { countOf, howItEnded, sightLosses } from "../say.js";
import { blameCut } from "../stopped.js";

export const cut: Rule = {
  id: "inflight/cut",
  severity: "error",
  title: "requests in progress are cut without an answer",
  cause:
    "The service had these requests and closed their connections before it answered them: it destroys connections with work on them, or exits before the work is done.",
  next: "Wait for the requests in flight before you close connections or exit; give up only when the grace period is about to end. In Node, `closeAllConnections()` cuts, `close()` waits.",
  explainedBy: ["exit/at-once", "exit/died-of-signal", "exit/raised-again", "signal/repeat-cuts"],
  find: (facts: StopFacts) =>
    sightLosses(blameCut(facts, "cut"), {
      what: (count) => `${countOf(count, "request", ["was", "were"])} cut without an answer`,
      how: howItEnded,
    }),
};
