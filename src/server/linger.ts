import { now } from "../clock.js";
import type { Connection } from "./connection.js";

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
 * Node ends a connection after its last response with `destroySoon`, and asks nobody; therefore it is
 * that method which is replaced, on this one socket.
 */
export function lingerAfterLastResponse(connection: Connection, onLinger: () => void): void {
  const { socket } = connection;
  if (socket === undefined || Object.hasOwn(socket, "destroySoon")) return;
  socket.destroySoon = () => {
    connection.linger(now());
    socket.end();
    socket.resume();
    onLinger();
  };
}

/** Listens no longer: closes as Node would have done, once our half is ended. */
export function endLinger({ socket }: Connection): void {
  if (socket === undefined) return;
  delete (socket as { destroySoon?: unknown }).destroySoon;
  socket.destroySoon();
}
