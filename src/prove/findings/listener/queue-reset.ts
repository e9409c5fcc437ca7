import type { StopFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { countOf, howItEnded, sightLosses } from "../say.js";

export const queueReset: Rule = {
  id: "listener/queue-reset",
  severity: "error",
  title: "connections waiting in the accept queue are reset when the listener closes",
  cause:
    "The kernel had made these connections and the service had not accepted them yet. Closing a listener resets everything that waits in its queue, with the requests already sent.",
  next: "Accept until the queue is empty before you close the listener: a busy event loop leaves connections there, and Node accepts one in each turn. With several listeners on one port (SO_REUSEPORT) each has a queue of its own.",
  explainedBy: [
    "exit/at-once",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
    "listener/connects-hang",
    "listener/closed-before-lame-duck",
  ],
  find: (facts: StopFacts) =>
    sightLosses(facts.losses.queued, {
      what: (count) =>
        `${countOf(count, "new connection", ["was", "were"])} taken away before ${count === 1 ? "it was" : "they were"} accepted`,
      how: howItEnded,
    }),
};
