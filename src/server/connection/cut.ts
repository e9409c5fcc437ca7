import type { Socket } from "node:net";
import { Duplex } from "node:stream";

import type { Fence } from "../../fence.js";
import { currentResponse, endsWithConnection, resetWhenDestroyed } from "../node-internals.js";
import type { Connection } from "./connection.js";

/** Cuts. The TLS socket too, or its requests would never learn of it on some versions of Node. */
export function destroy(connection: Connection): void {
  const { raw, socket, fence } = connection;
  if (wouldLookWhole(connection)) resetWhenDestroyed(raw);
  if (socket !== undefined) destroySocket(socket, fence);
  destroySocket(raw, fence);
}

/** Cuts in the protocol's own words where it has some, and in any case soon. */
export function cut(connection: Connection): void {
  const { session } = connection;
  if (session === undefined) destroy(connection);
  else void session.cut().finally(() => destroy(connection));
}

/** The socket's own `destroy` may be a tracer's; a socket whose own does not is destroyed anyway. */
function destroySocket(socket: Socket, fence: Fence): void {
  fence.ask("destroy of a socket", () => socket.destroy(), socket);
  // Without effect where that was Node's own.
  fence.attempt("destroy a socket", () => void Duplex.prototype.destroy.call(socket));
}

/** Whether an orderly end of the connection would be taken for the end of an answer. */
function wouldLookWhole({ socket, exchanges }: Connection): boolean {
  // Outside a drain the exchanges are not followed; Node knows the one that owns the socket.
  const current = socket && currentResponse(socket);
  return exchanges.open.some(({ res }) => endsWithConnection(res)) || endsWithConnection(current);
}
