import type { StopFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { countOf, howItEnded, sightLosses } from "../say.js";
import { blameCut } from "../stopped.js";

export const lost: Rule = {
  id: "pipeline/lost",
  severity: "error",
  title: "pipelined requests are left behind an answer that says close",
  cause:
    "Several requests were on one connection, and the service said close before it had answered the last of them. Those behind may have been executed, and their client cannot know (RFC 9112 §9.6).",
  next: "Say close on the newest request's answer only: on a pipelined connection every answer before it has more behind it.",
  explainedBy: [
    "exit/at-once",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
    "inflight/cut",
  ],
  find: (facts: StopFacts) =>
    sightLosses(blameCut(facts, "pipeline"), {
      what: (count) => `${countOf(count, "pipelined request", ["was", "were"])} lost`,
      how: howItEnded,
    }),
};
