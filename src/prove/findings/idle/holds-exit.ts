import { formatDuration } from "../../facts/duration.js";
import type { RequestRow } from "../../facts/row.js";
import type { ConnectionRow, StopFacts } from "../facts.js";
import { findHeld, listHeld, showHeld } from "../holders.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, amountOf, seenAt, showFact } from "../say.js";
import { leftAt } from "../stopped.js";

/** Share of the grace period that a silent client may cost: correct services bound it by a third. */
const LONG = 0.4;
/** After its last connection went nothing else held the process. */
const FOLLOWS_MS = 500;

export const holdsExit: Rule = {
  id: "idle/holds-exit",
  severity: "error",
  title: "connections on which nothing happens hold the exit",
  cause:
    "The service waits for connections to end that have no request: kept alive and silent, without a single byte, or with half a request head that is never completed. Clients do not end them for it.",
  next: "When the listener is closed, close connections that have been silent for a while, and give a head that has begun a time-out of its own. In Node, `server.close()` switches the header and request time-outs off.",
  explainedBy: ["signal/never-arrived", "signal/ignored"],
  find: (facts: StopFacts): Sighting | undefined => {
    const held = findHeld(facts, "idle");
    return held.length > 0
      ? {
          what: `not gone at the end of the grace period, kept open by ${listHeld(held)}`,
          count: held.length,
          evidence: showHeld(facts, held),
        }
      : findLong(facts);
  },
};

/** It left by itself, but only when the last silent connection had ended. */
function findLong(facts: StopFacts): Sighting | undefined {
  const { trial, stop, asked } = facts;
  const left = leftAt(facts);
  if (left === null) return undefined;
  const limit = asked.grace * LONG;
  const from = Math.max(
    asked.lag,
    stop.timeline.lastByteMs ?? 0,
    stop.timeline.listenerClosedMs ?? 0,
  );
  const cut = new Set(facts.requests.filter(isDropped).map(({ connection }) => connection));
  const long = [...facts.connections.values()].filter(
    (connection) =>
      isSilent(connection) && !cut.has(connection.number) && connection.endMs - from > limit,
  );
  const last = Math.max(...long.map(({ endMs }) => endMs));
  if (long.length === 0 || left - last > FOLLOWS_MS) return undefined;
  return {
    what: `${amountOf(long.length, "silent connection")} held the exit for ${formatDuration(last - from)}`,
    count: long.length,
    severity: "warning",
    evidence: long.map(({ number, client, endMs }) => {
      const at = seenAt(facts, endMs);
      const what = `connection ${String(number)} (${client}) was ended ${afterSignal(at)}`;
      return showFact(trial, what, at);
    }),
  };
}

function isSilent({ client, end }: ConnectionRow): boolean {
  return SILENT.has(client) && (end === "closed by service" || end === "reset by service");
}

/** A connection that waits for an answer is not silent, however still its connection is. */
function isDropped({ outcome }: RequestRow): boolean {
  return outcome === "dropped";
}

const SILENT: ReadonlySet<string> = new Set(["idle", "silent", "half-head", "slow"]);
