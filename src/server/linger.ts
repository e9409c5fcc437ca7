import { now } from "../clock.js";
import type { Connection } from "./connection.js";

/** How long a client that is still sending is listened to after its answer was sent, in ms. */
export const LONGEST_LINGER = 2_000;

/**
 * An answer sent while its request is still arriving, then a close: the kernel answers the client's
 * next bytes with a reset, and the client never sees the answer. So close our half, read on and
 * throw away, until the client ends or {@link LONGEST_LINGER} is over (RFC 9112 §9.6).
 *
 * Node ends a connection after its last response with `destroySoon`, and asks nobody; therefore it is
 * that method which is replaced, on this one socket.
 */
export function lingerAfterEarlyAnswer(connection: Connection, onLinger: () => void): void {
  const { socket } = connection;
  if (socket === undefined || Object.hasOwn(socket, "destroySoon")) return;
  socket.destroySoon = () => {
    if (!connection.isUnread) {
      delete (socket as { destroySoon?: unknown }).destroySoon;
      socket.destroySoon();
      return;
    }
    connection.lingerSince ??= now();
    socket.end();
    socket.resume();
    onLinger();
  };
}
