/**
 * WebSockets of the `ws` package: each is told with a close frame that the service leaves.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";

import type { GoodbyeContext, Service } from "../index.js";
import { endOfMessage } from "../server/upgraded/websocket.js";

/** Options of {@link closeWebSockets}. */
export interface CloseWebSocketsOptions {
  /**
   * Code of the close frame. 1001: going away. 1012: the service restarts, for clients that know it
   * (RFC 6455 §7.4, IANA's registry). Default: 1001.
   */
  code?: 1001 | 1012;
  /** Reason in the close frame, 123 bytes at most. Default: `"service restart"`. */
  reason?: string;
  /**
   * Awaited before the close frame is sent, for what the application still owes this client: an
   * answer that is being made, a last message. Default: nothing.
   */
  before?: (socket: WebSocket, context: GoodbyeContext) => unknown;
}

/**
 * Lets every WebSocket of a `ws` server leave in order when the service does: in its turn within the
 * `closeSpread` window after the listener closed, those too that are opened during the drain. A message
 * that is being received is received first, messages that were sent before arrive before the close frame.
 * A client that then stands still for `timeouts.goodbye` is cut.
 *
 * The server must emit `connection`, as it does by itself and as the documented use of `noServer` does.
 */
export function closeWebSockets(
  service: Pick<Service, "goodbye">,
  server: WebSocketServer,
  options: CloseWebSocketsOptions = {},
): void {
  const { code = 1001, reason = "service restart", before } = options;
  const watch = (socket: WebSocket, stream: Duplex): void => {
    service.goodbye(stream, async (context) => {
      const close = (): void => socket.close(code, reason);
      // Better a word too early than none: after this the connection is destroyed.
      context.signal.addEventListener("abort", close);
      await endOfMessage(socket, context.signal);
      if (!context.signal.aborted) await before?.(socket, context);
      close();
    });
  };
  for (const socket of server.clients ?? []) watch(socket, streamOf(socket));
  server.on("connection", (socket, req) => watch(socket, req.socket));
}

function streamOf(socket: WebSocket): Duplex {
  return (socket as unknown as { _socket: Duplex })._socket;
}
