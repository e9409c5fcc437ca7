import type { StopFacts } from "../facts.js";
import { findHeld, listHeld, showHeld } from "../holders.js";
import type { Rule, Sighting } from "../rule.js";

export const holdsExit: Rule = {
  id: "stream/holds-exit",
  severity: "error",
  title: "event streams, endless answers or clients that stopped reading hold the exit",
  cause:
    "The service waits for answers to end that do not end by themselves: an event stream, a handler that never answers, or a client that has stopped reading.",
  next: "Tell long-lived answers that the service stops, and end them at the signal; bound handlers by a deadline inside the grace period, and sending by a time-out.",
  explainedBy: ["signal/never-arrived", "signal/ignored"],
  find: (facts: StopFacts): Sighting | undefined => {
    const held = findHeld(facts, "stream");
    if (held.length === 0) return undefined;
    const what = `not gone at the end of the grace period, kept open by ${listHeld(held)}`;
    return { what, count: held.length, evidence: showHeld(facts, held) };
  },
};
