import type { Socket } from "node:net";

import { now } from "../../clock.js";
import type { Fence } from "../../fence.js";
import { connectionOf, type Connection } from "../connection/connection.js";
import { destroy } from "../connection/cut.js";

/**
 * How long a client is listened to after its last answer was sent, in ms. One in the middle of an upload:
 * after its last byte, while the drain has the time.
 */
export const LONGEST_LINGER = 2_000;

/**
 * Closes in stages (RFC 9112 §9.6): ends our half after the last response, reads on and throws away,
 * until the client ends too or {@link LONGEST_LINGER} is over. Closed at once, the kernel answers
 * what the client still sends with a reset, which takes with it what of the response has not arrived:
 * an early answer in the middle of an upload, the end of a download whose client pipelines.
 *
 * Node ends a connection after its last response with `destroySoon`, and does not ask; therefore it is
 * that method which is replaced, on this one socket.
 */
export function lingerAfterLastResponse({ socket }: Connection): void {
  if (socket === undefined || Object.hasOwn(socket, "destroySoon")) return;
  socket.destroySoon = tellOfLast;
}

/** One for all sockets, so that each costs no closure. */
function tellOfLast(this: Socket): void {
  const connection = connectionOf(this);
  if (connection !== undefined) return connection.lastSent();
  // It is no attached server's any more.
  delete (this as Partial<Socket>).destroySoon;
  this.destroySoon();
}

/** Ends our half, and listens on. */
export function linger(connection: Connection, fence: Fence): void {
  const { socket } = connection;
  if (socket === undefined) return;
  const instant = now();
  const lingering = (connection.lingering ??= {});
  lingering.since ??= instant;
  lingering.upload ??= connection.exchanges.open.find(({ req }) => !req.complete)?.req;
  connection.stillSince(instant);
  if (!fence.ask("end of a socket", () => endOurHalf(socket), false)) destroy(connection);
}

function endOurHalf(socket: Socket): boolean {
  socket.end();
  socket.resume();
  return true;
}

/** Listens no longer: closes as Node would have done, once our half is ended. */
export function endLinger(connection: Connection, fence: Fence): void {
  const { socket } = connection;
  if (socket === undefined) return;
  const end = (): boolean => {
    delete (socket as { destroySoon?: unknown }).destroySoon;
    socket.destroySoon();
    return true;
  };
  if (!fence.ask("last end of a socket", end, false)) destroy(connection);
}
