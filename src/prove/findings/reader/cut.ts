import type { StopFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { countOf, howItEnded, sightLosses } from "../say.js";
import { blameCut } from "../stopped.js";

export const cut: Rule = {
  id: "reader/cut",
  severity: "error",
  title: "clients that read slowly lose the rest of their answer",
  cause:
    "The service had handed these answers over, and closed the connections while their clients had not read everything: `finish` says that the last byte was handed to the system, not that it was sent.",
  next: "Close a connection only when it is flushed, and give a client that does not read for a while a time-out of its own, longer than a usual pause.",
  explainedBy: [
    "exit/at-once",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
    "inflight/cut",
    "stream/truncated",
  ],
  find: (facts: StopFacts) =>
    sightLosses(blameCut(facts, "reader"), {
      what: (count) => `${countOf(count, "slow reader", ["was", "were"])} cut off`,
      how: howItEnded,
    }),
};
