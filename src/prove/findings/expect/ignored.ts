import type { StopFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { countOf, howItEnded, sightLosses } from "../say.js";

export const ignored: Rule = {
  id: "expect/ignored",
  severity: "error",
  title: "a client that asks before it sends (Expect: 100-continue) gets no answer",
  cause:
    "These clients asked whether to send their body, while the balancer still sent them here, and the service hung up instead of saying 100 or giving a final answer.",
  next: "Treat a request that asks like any other until the listener is closed: say 100 and read the body, or answer it in full.",
  explainedBy: [
    "exit/at-once",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
    "listener/closed-before-lame-duck",
    "keepalive/reset-after-send",
  ],
  find: (facts: StopFacts) =>
    sightLosses(facts.losses.expect, {
      what: (count) =>
        `${countOf(count, "request", ["that asked first was", "that asked first were"])} hung up on`,
      how: howItEnded,
    }),
};
