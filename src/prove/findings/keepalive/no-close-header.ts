import type { StopFacts } from "../facts.js";
import type { ConnectionRow } from "../facts.js";
import { findHeld, listHeld } from "../holders.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, countOf, howItEnded, showFact, showRequest } from "../say.js";
import { answersSince } from "../stopped.js";
import { findUnannounced, splitCrossed } from "./unannounced.js";

export const noCloseHeader: Rule = {
  id: "keepalive/no-close-header",
  severity: "warning",
  title: "answers after the signal never say close, and their connections are closed all the same",
  cause:
    "No answer since the signal said `Connection: close`, so clients keep their connections and go on using them. The service can only close them in a client's face, or wait for ever.",
  next: "From the signal on, put `Connection: close` on every HTTP/1.1 answer whose head has not been sent: each client then goes elsewhere by itself, without a race.",
  explainedBy: ["signal/never-arrived", "signal/ignored", "exit/at-once", "exit/died-of-signal"],
  find: (facts: StopFacts): Sighting | undefined => {
    const unannounced = findUnannounced(facts);
    const closed = [...facts.connections.values()].filter(
      (connection) => unannounced.has(connection.number) && isTakenAway(connection),
    );
    const held = findHeld(facts, "pool");
    if (unannounced.size === 0 || closed.length + held.length === 0) return undefined;
    const lost = splitCrossed(facts).untold;
    const answers = answersSince(facts);
    const then = held.length > 0 ? `held it to the kill: ${listHeld(held)}` : "were closed then";
    return {
      what: `none of ${countOf(answers.length, "answer", ["says", "say"])} close, and ${countOf(closed.length + held.length, "connection", ["", ""]).trim()} ${then}`,
      count: closed.length + held.length,
      severity: lost.length > 0 || held.length > 0 ? "error" : "warning",
      evidence: [
        ...lost.map(({ row, atMs }) =>
          showRequest(row, `${howItEnded(row)} ${afterSignal(atMs)}`, atMs),
        ),
        ...answers.slice(0, 5).map((row) => {
          const at = row.firstByteMs ?? row.endMs;
          return showRequest(
            row,
            `was answered ${afterSignal(at)} without \`Connection: close\``,
            at,
          );
        }),
        ...closed.slice(0, 5).map(({ number, client, endMs }) => {
          const what = `connection ${String(number)} (${client}) was closed by the service ${afterSignal(endMs)}`;
          return showFact(facts.trial, what, endMs);
        }),
      ],
    };
  },
};

function isTakenAway({ end }: ConnectionRow): boolean {
  return end === "closed by service" || end === "reset by service";
}
