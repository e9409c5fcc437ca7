import type { ConnectionRow, StopFacts } from "../facts.js";
import { findHeld, showHeld } from "../holders.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, countOf, seenAt, showFact } from "../say.js";

export const noGoaway: Rule = {
  id: "http2/no-goaway",
  severity: "error",
  title: "HTTP/2 sessions are closed, or kept to the end, without a GOAWAY",
  cause:
    "The service never said GOAWAY on these sessions, so their clients went on opening streams on them, and could not tell which were processed when the session ended.",
  next: "At the signal send GOAWAY on every session and let its streams finish: in Node `session.close()` for each, as `server.close()` alone leaves sessions open on Node 20 and 22.",
  explainedBy: [
    "signal/never-arrived",
    "signal/ignored",
    "exit/at-once",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
  ],
  find: (facts: StopFacts): Sighting | undefined => {
    const held = findHeld(facts, "h2");
    const holders = new Set(held.map(({ connection }) => connection));
    const closed = findClosed(facts).filter(({ number }) => !holders.has(number));
    if (held.length + closed.length === 0) return undefined;
    const sessions = countOf(held.length + closed.length, "HTTP/2 session", ["was", "were"]);
    return {
      what: `${sessions} ended without a GOAWAY${held.length === 0 ? "" : ", after holding the process to the kill"}`,
      count: held.length + closed.length,
      evidence: [
        ...showHeld(facts, held),
        ...closed.map(({ number, client, endMs }) => {
          const at = seenAt(facts, endMs);
          const what = `session ${String(number)} (${client}) ended ${afterSignal(at)}`;
          return showFact(facts.trial, what, at);
        }),
      ],
    };
  },
};

function findClosed({ connections }: StopFacts): ConnectionRow[] {
  return [...connections.values()].filter(
    ({ client, connectedMs, saidCloseMs, endMs, end }) =>
      (client === "h2" || client === "h2-idle") &&
      connectedMs !== null &&
      saidCloseMs === null &&
      endMs >= 0 &&
      (end === "closed by service" || end === "reset by service"),
  );
}
