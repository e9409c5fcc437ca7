import type { Socket } from "node:net";

import {
  currentResponse,
  endsWithConnection,
  rawSocket,
  resetWhenDestroyed,
} from "../node-internals.js";

/**
 * Lets a socket end with a reset, whatever destroys it, in the middle of an answer that ends with its connection: half of it would look
 * whole otherwise. Such answers are those of HTTP/1.0, which gateways speak to what is behind them.
 */
export function resetWhenTorn(socket: Socket): void {
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => {
    if (endsWithConnection(currentResponse(socket))) resetWhenDestroyed(rawSocket(socket));
    return destroy(error);
  };
}
