import type { Socket } from "node:net";

import { NEVER } from "../../clock.js";
import type { Connection } from "../connection/connection.js";
import { destroy } from "../connection/cut.js";
import { unsentBytes } from "../node-internals.js";
import type { Judging } from "../stalls/judging.js";
import { LONGEST_LINGER } from "./linger.js";
import { isReceiving, isUploading, unreadOf } from "./unread.js";

/** How often an upload that is needed no more is looked at, in ms. */
const UPLOAD_LOOK = 250;

/** The sockets on which Node has begun to read a request; undefined where it does not tell. */
export type Receiving = ReadonlySet<Socket> | undefined;

/** The earliest instant at which anything can be said about a connection that has just changed; undefined: it is silent. */
export function soonestOf(
  connection: Connection,
  { timeouts, instant }: Judging,
): number | undefined {
  if (isUploading(connection)) return instant + UPLOAD_LOOK;
  const lingerSince = connection.lingering?.since;
  if (lingerSince !== undefined) return lingerSince + LONGEST_LINGER;
  return connection.isQuiet ? undefined : instant + timeouts.body;
}

/** Undefined: it is silent. */
export function judgeHttp1(
  connection: Connection,
  receiving: Receiving,
  judging: Judging,
): number | undefined {
  if (connection.lingering?.since !== undefined) return judgeLingering(connection, judging);
  if (!connection.isQuiet) return judgeInFlight(connection, judging);
  if (!hasBegunHead(connection, receiving)) return undefined;
  if (unreadOf(connection) !== undefined) return judgeUnread(connection, judging);
  return judgeHead(connection, judging);
}

/** Whether nothing is in flight on a connection, nor on its way. */
export function isSilent(connection: Connection, receiving: Receiving): boolean {
  const { upgraded, lingering, isQuiet, session } = connection;
  if (upgraded || lingering?.since !== undefined || session !== undefined || !isQuiet) return false;
  return !hasBegunHead(connection, receiving);
}

/**
 * Whether part of a request has arrived on a connection without one in flight, or part of a TLS
 * handshake. A connection without a byte has begun nothing; one of which the runtime cannot tell is
 * given the benefit of the doubt.
 */
function hasBegunHead({ socket, raw }: Connection, receiving: Receiving): boolean {
  if (socket === undefined) return raw.bytesRead > 0;
  return socket.bytesRead > 0 && (receiving?.has(socket) ?? true);
}

function judgeLingering(connection: Connection, { instant, isHurried }: Judging): number {
  const isMoving = isUploading(connection) && !isHurried;
  const still = isMoving ? connection.stillSince(instant) : 0;
  const due = Math.max(connection.lingering?.since ?? instant, still) + LONGEST_LINGER;
  if (due > instant) return isMoving ? Math.min(due, instant + UPLOAD_LOOK) : due;
  destroy(connection);
  return NEVER;
}

/** Its answer is sent; what came of it is no half of another request's head. */
function judgeUnread(connection: Connection, { timeouts, sweep, instant }: Judging): number {
  const due = connection.stillSince(instant) + timeouts.body;
  if (due > instant) return due;
  sweep.stalled(connection, "body");
  return NEVER;
}

function judgeHead(connection: Connection, { timeouts, sweep, instant }: Judging): number {
  connection.headSince ??= instant;
  const due = connection.headSince + timeouts.head;
  if (due > instant) return due;
  sweep.stalled(connection, "head");
  return NEVER;
}

function judgeInFlight(connection: Connection, { timeouts, sweep, instant }: Judging): number {
  const { body } = timeouts;
  const still = connection.stillSince(instant);
  // A client that must read before anything can go on is the send watch's business.
  if (unsentBytes(connection.raw) > 0 || !isReceiving(connection)) return instant + body;
  const due = still + body;
  if (due > instant) return due;
  sweep.stalled(connection, "body");
  return NEVER;
}
