import type { StopFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { countOf, sightLosses } from "../say.js";

export const connectsHang: Rule = {
  id: "listener/connects-hang",
  severity: "error",
  title: "new connections are neither taken nor refused: they hang",
  cause:
    "The service stopped accepting and left its listener open. The queue behind it fills, and from then on the kernel drops what asks for a connection: clients wait for a time-out, where a refusal would have sent them elsewhere at once.",
  next: "Go on accepting for as long as the balancer sends, and close the listener when you stop: no state between the two is of use to a client.",
  explainedBy: ["signal/never-arrived"],
  find: (facts: StopFacts) =>
    sightLosses(facts.losses.hung, {
      what: (count) =>
        `${countOf(count, "new connection", ["was", "were"])} neither made nor refused in time`,
      how: () => "began to wait in vain for its connection",
    }),
};
