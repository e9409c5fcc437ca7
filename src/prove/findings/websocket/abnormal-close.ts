import type { StopFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { countOf, howItEnded, sightLosses } from "../say.js";

export const abnormalClose: Rule = {
  id: "websocket/abnormal-close",
  severity: "error",
  title: "WebSockets end without a close frame",
  cause:
    "The service destroyed these sockets, or exited with them open, so their clients saw 1006: an error, not a goodbye. Most reconnect at once and all together.",
  next: "Send a close frame with 1001 (going away) or 1012 (service restart), after the last frame of a message that has begun, and destroy the socket only when the peer has answered.",
  explainedBy: ["exit/at-once", "exit/died-of-signal", "exit/raised-again", "signal/repeat-cuts"],
  find: (facts: StopFacts) =>
    sightLosses(facts.losses.websocket, {
      what: (count) =>
        `${countOf(count, "WebSocket", ["was", "were"])} ended without a close frame`,
      how: howItEnded,
    }),
};
