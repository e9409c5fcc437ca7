import type { StopFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { countOf, howItEnded, sightLosses } from "../say.js";
import { blameCut } from "../stopped.js";

export const cut: Rule = {
  id: "upload/cut",
  severity: "error",
  title: "uploads in progress are cut",
  cause:
    "The bodies of these requests were still arriving when the service closed their connections. An upload is in flight from its first byte, also while no handler runs.",
  next: "Count a request as in flight from its head to its answer's last byte, and wait for it. An early answer to an upload needs a half-close and a bounded read, or its client never sees it.",
  explainedBy: [
    "exit/at-once",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
    "inflight/cut",
  ],
  find: (facts: StopFacts) =>
    sightLosses(blameCut(facts, "upload"), {
      what: (count) => `${countOf(count, "upload", ["was", "were"])} cut`,
      how: howItEnded,
    }),
};
