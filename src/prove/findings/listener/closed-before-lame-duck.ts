import { formatDuration } from "../../facts/duration.js";
import type { StopFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { countOf, howItEnded, sightLosses } from "../say.js";

export const closedBeforeLameDuck: Rule = {
  id: "listener/closed-before-lame-duck",
  severity: "error",
  title: "new connections are refused while the balancer still sends them",
  cause:
    "The listener closes before balancers have noticed that the service leaves. Until then they go on sending new connections, and each of them is refused.",
  next: "Go on accepting for as long as your balancer takes to let go (a lame duck): fail readiness first, serve, and close the listener only then. `--lag` says how long that is taken to be.",
  explainedBy: [
    "exit/at-once",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
    "listener/connects-hang",
  ],
  find: (facts: StopFacts) => {
    const { refused, queued } = facts.losses;
    if (refused.length === 0) return undefined;
    const lag = formatDuration(facts.asked.lag);
    return sightLosses([...refused, ...queued], {
      what: (count) =>
        `${countOf(count, "new connection", ["was", "were"])} refused within the balancer's lag of ${lag}`,
      how: howItEnded,
    });
  },
};
