import type { StopFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { countOf, sightLosses } from "../say.js";
import { blameCut } from "../stopped.js";

export const truncated: Rule = {
  id: "stream/truncated",
  severity: "error",
  title: "answers or event streams are torn in the middle",
  cause:
    "The service had begun these answers and closed their connections before the last byte, or ended an event stream inside an event.",
  next: "End streams yourself when the signal comes: after a whole event, with `end()`, so that the client reads a complete answer. Close a connection only when everything written on it has been flushed.",
  explainedBy: [
    "exit/at-once",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
    "inflight/cut",
  ],
  find: (facts: StopFacts) =>
    sightLosses(blameCut(facts, "torn"), {
      what: (count) => `${countOf(count, "answer", ["was", "were"])} torn in the middle`,
      how: () => "was torn inside its answer",
    }),
};
