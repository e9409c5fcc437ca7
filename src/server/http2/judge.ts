import { NEVER } from "../../clock.js";
import type { Connection } from "../connection/connection.js";
import { destroy } from "../connection/cut.js";
import type { Judging } from "../stalls/judging.js";
import type { Session } from "./session.js";
import { waitsFor, type StreamInFlight } from "./streams.js";

/**
 * How long a client may keep its connection after GOAWAY, its last response and our FIN, in ms. Node's
 * session is gone by then, and nothing else would ever close the socket.
 */
const LONGEST_GOODBYE = 500;

/** The earliest instant at which anything can be said about a session that has just changed. */
export function soonestOfSession({ timeouts: { body, send }, instant }: Judging): number {
  return instant + Math.min(LONGEST_GOODBYE, body, send);
}

/** When a session is told to leave is its own affair; here it is about those that do not go. */
export function judgeSession(connection: Connection, session: Session, judging: Judging): number {
  const { instant } = judging;
  const still = connection.stillSince(instant);
  if (session.overSince !== undefined) {
    // What the application pushes is no request, and is finished even so.
    if (!session.isDestroyed) session.overSince = instant;
    const due = session.overSince + LONGEST_GOODBYE;
    if (due <= instant) destroy(connection);
    return due > instant ? due : NEVER;
  }
  const dues = session.streams.inFlight.map((item) =>
    judgeStream(connection, item, still, judging),
  );
  return Math.min(NEVER, ...dues);
}

function judgeStream(
  connection: Connection,
  item: StreamInFlight,
  still: number,
  { timeouts, sweep, instant }: Judging,
): number {
  const kind = waitsFor(item);
  if (kind === undefined) {
    item.waitingSince = undefined;
    return instant + Math.min(timeouts.body, timeouts.send);
  }
  item.waitingSince ??= instant;
  const due = Math.max(still, item.waitingSince) + timeouts[kind];
  if (due > instant) return due;
  sweep.stuck(connection, kind, item);
  return NEVER;
}
