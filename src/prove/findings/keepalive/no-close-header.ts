import type { Evidence } from "../../facts/finding.js";
import type { RequestRow } from "../../facts/row.js";
import type { ConnectionRow, StopFacts } from "../facts.js";
import { findHeld, listHeld } from "../holders.js";
import type { Rule, Sighting } from "../rule.js";
import {
  afterSignal,
  amountOf,
  countOf,
  howItEnded,
  seenAt,
  showFact,
  showLoss,
  showRequest,
} from "../say.js";
import { answersSince } from "../stopped.js";
import { findUnannounced, splitCrossed } from "./unannounced.js";

export const noCloseHeader: Rule = {
  id: "keepalive/no-close-header",
  severity: "warning",
  title: "answers after the signal never say close, and their connections are closed anyway",
  cause:
    "No answer since the signal said `Connection: close`, so clients keep their connections and go on using them. The service can only close them in a client's face, or wait for ever.",
  next: "From the signal on, put `Connection: close` on every HTTP/1.1 answer whose head has not been sent: each client then goes elsewhere by itself, without a race.",
  explainedBy: [
    "signal/never-arrived",
    "signal/ignored",
    "exit/at-once",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
  ],
  find: (facts: StopFacts): Sighting | undefined => {
    const unannounced = findUnannounced(facts);
    const closed = [...facts.connections.values()].filter(
      (connection) => unannounced.has(connection.number) && isTakenAway(connection),
    );
    const held = findHeld(facts, "pool");
    const count = closed.length + held.length;
    if (unannounced.size === 0 || count === 0) return undefined;
    const lost = splitCrossed(facts).untold;
    const answers = answersSince(facts);
    const then =
      held.length > 0
        ? `${amountOf(count, "connection")} held it to the kill: ${listHeld(held)}`
        : `it closed ${amountOf(count, "connection")} anyway`;
    return {
      what: `none of ${countOf(answers.length, "answer", ["says", "say"])} close, and ${then}`,
      count,
      severity: lost.length > 0 || held.length > 0 ? "error" : "warning",
      evidence: [
        ...lost.map((loss) => showLoss(loss, howItEnded)),
        ...answers.slice(0, SHOWN).map(showAnswer),
        ...closed.slice(0, SHOWN).map((connection) => showClose(facts, connection)),
      ],
    };
  },
};

const SHOWN = 5;

function showAnswer(row: RequestRow): Evidence {
  const at = row.endMs;
  return showRequest(row, `was answered ${afterSignal(at)} without \`Connection: close\``, at);
}

function showClose(facts: StopFacts, { number, client, endMs }: ConnectionRow): Evidence {
  const at = seenAt(facts, endMs);
  const what = `connection ${String(number)} (${client}) was closed by the service ${afterSignal(at)}`;
  return showFact(facts.trial, what, at);
}

function isTakenAway({ end }: ConnectionRow): boolean {
  return end === "closed by service" || end === "reset by service";
}
