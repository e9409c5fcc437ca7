/**
 * WebSockets of the `ws` package: each is told with a close frame that the service leaves.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";

import type { FarewellContext, Service } from "../index.js";

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
  before?: (socket: WebSocket, context: FarewellContext) => unknown;
}

/**
 * Lets every WebSocket of a `ws` server leave in order when the service does: in its turn within the
 * `spread` window after the listener closed, those too that are opened during the drain. A message
 * that is being received is received first, messages that were sent before arrive before the close frame.
 * A client that then stands still for `farewellTimeout` is cut.
 *
 * The server must emit `connection`, as it does by itself and as the documented use of `noServer` does.
 */
export function closeWebSockets(
  service: Pick<Service, "farewell">,
  server: WebSocketServer,
  options: CloseWebSocketsOptions = {},
): void {
  const { code = 1001, reason = "service restart", before } = options;
  const watch = (socket: WebSocket, stream: Duplex): void => {
    service.farewell(stream, async (context) => {
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

/** Fields of `ws` without a public name, the same in all of its versions 8. */
interface Internals {
  _socket: Duplex;
  _receiver?: Receiver;
}

interface Receiver {
  /** 0 between two frames. */
  readonly _state: number;
  /** Opcode of the message whose last frame has not arrived; 0 where there is none. */
  readonly _fragmented: number;
  /** Bytes of a frame's head that is not complete. */
  readonly _bufferedBytes: number;
}

function streamOf(socket: WebSocket): Duplex {
  return (socket as unknown as Internals)._socket;
}

/**
 * Resolves when the client is not in the middle of a message. Whoever is told to close while sending
 * one may not send the rest of it (RFC 6455 §5.5.1).
 */
async function endOfMessage(socket: WebSocket, signal: AbortSignal): Promise<void> {
  const { _receiver: receiver } = socket as unknown as Internals;
  if (receiver === undefined) return;
  const { _state: state, _fragmented: fragmented, _bufferedBytes: buffered } = receiver;
  if (state === 0 && fragmented === 0 && buffered === 0) return;
  await new Promise<void>((resolve) => {
    const done = (): void => resolve();
    // A control frame may come between the frames of a message, and ends none.
    const doneWithControl = (): void => {
      if (receiver._fragmented === 0) resolve();
    };
    signal.addEventListener("abort", done);
    socket.once("message", done).once("close", done);
    socket.on("ping", doneWithControl).on("pong", doneWithControl);
  });
}
