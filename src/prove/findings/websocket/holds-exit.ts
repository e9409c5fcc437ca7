import type { StopFacts } from "../facts.js";
import { findHeld, listHeld, showHeld } from "../holders.js";
import type { Rule, Sighting } from "../rule.js";

export const holdsExit: Rule = {
  id: "websocket/holds-exit",
  severity: "error",
  title: "WebSockets hold the exit",
  cause:
    "The service waits for WebSockets to end and does not end them. HTTP servers do not see them: in Node neither `close()` nor `closeAllConnections()` touches an upgraded socket.",
  next: "At the signal send each of them a close frame with 1001 or 1012, wait for the peer's for a moment, then destroy the socket.",
  explainedBy: ["signal/never-arrived", "signal/ignored"],
  find: (facts: StopFacts): Sighting | undefined => {
    const held = findHeld(facts, "websocket");
    if (held.length === 0) return undefined;
    const what = `not gone at the end of the grace period, kept open by ${listHeld(held)}`;
    return { what, count: held.length, evidence: showHeld(facts, held) };
  },
};
