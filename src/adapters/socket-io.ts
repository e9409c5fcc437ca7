/**
 * Clients of socket.io 4, over WebSockets and long polling: each is told that its connection is gone, so that it comes
 * back to another instance.
 *
 * @module
 */
import type { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";

import { doneBy, now } from "../clock.js";
import { wrongArgument } from "../errors.js";
import type { GoodbyeContext, Service } from "../index.js";
import { endOfMessage, type WsSocket } from "../server/upgraded/websocket.js";

/** The part of socket.io's `Server` that is used here. */
export interface SocketIoServer {
  /** Its engine.io server. */
  readonly engine: {
    readonly clients: object;
    on(event: "connection", listener: (socket: never) => void): unknown;
  };
}

/** Options of {@link closeSocketIo}. */
export interface CloseSocketIoOptions {
  /** Code of a WebSocket's close frame. 1001: going away. 1012: the service restarts. Default: 1001. */
  code?: 1001 | 1012;
  /** Reason in the close frame, 123 bytes at most. Default: `"service restart"`. */
  reason?: string;
}

/** A connection of engine.io, below a socket of socket.io. */
interface EngineSocket extends EventEmitter {
  readonly transport: Transport;
  /** Packets that the transport has not taken. */
  readonly writeBuffer: readonly unknown[];
  close(discard?: boolean): void;
}

/** Fields of engine.io's transports that are used here, the same in its versions 5 and 6. */
interface Transport extends EventEmitter {
  /** Of a WebSocket. */
  readonly socket?: WsSocket;
  /** Of polling: whether a request of the client waits to be answered. */
  readonly writable: boolean;
  /** Of polling: the answer to a message that is arriving. */
  readonly dataRes?: ServerResponse | null;
}

/** How long a client that polls may take for its next request, in ms; then it finds out by itself. */
const LONGEST_POLL = 1_000;

/**
 * Lets every client of a socket.io server leave in order when the service does: in its turn within the
 * `closeSpread` window after the listener closed. Packets that were sent before arrive; a client takes the end for a lost
 * connection and connects again, which `disconnectSockets()` would keep it from.
 *
 * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for a server that stands on no HTTP server yet.
 */
export function closeSocketIo(
  service: Pick<Service, "goodbye">,
  server: SocketIoServer,
  options: CloseSocketIoOptions = {},
): void {
  const { code = 1001, reason = "service restart" } = options;
  const { engine } = server;
  if (typeof engine?.on !== "function") {
    throw wrongArgument("server", "a socket.io server that is attached to an HTTP server", server);
  }
  const watch = (socket: EngineSocket): void => {
    const register = (): (() => void) => {
      const { transport } = socket;
      const { socket: webSocket } = transport;
      if (webSocket === undefined) {
        return service.goodbye(socket, (context) => endPolling(socket, context));
      }
      return service.goodbye(webSocket, (context) => {
        return endWebSocket(socket, webSocket, { code, reason }, context);
      });
    };
    let forget = register();
    // A client begins with polling, and goes over to a WebSocket.
    socket.on("upgrade", () => {
      forget();
      forget = register();
    });
  };
  for (const socket of Object.values(engine.clients) as EngineSocket[]) watch(socket);
  engine.on("connection", watch);
}

async function endWebSocket(
  socket: EngineSocket,
  webSocket: WsSocket,
  { code, reason }: Required<CloseSocketIoOptions>,
  { signal }: GoodbyeContext,
): Promise<void> {
  const close = (): void => {
    webSocket.close(code, reason);
    socket.close();
  };
  signal.addEventListener("abort", close);
  await endOfMessage(webSocket, signal);
  if (socket.writeBuffer.length === 0) close();
  else socket.once("drain", close);
}

/** The request that waits is answered with the end. Where none does, the next one is waited for. */
async function endPolling(socket: EngineSocket, { signal }: GoodbyeContext): Promise<void> {
  const { transport } = socket;
  // Closed now, engine.io would tear the message.
  const { dataRes } = transport;
  const latest = now() + LONGEST_POLL;
  if (dataRes) await doneBy(happens(dataRes, "close"), latest, signal);
  if (!transport.writable) {
    await doneBy(
      Promise.race([happens(transport, "ready"), happens(transport, "drain")]),
      latest,
      signal,
    );
  }
  // With a request to answer it is told; without one, nothing is waited for.
  socket.close(!transport.writable);
}

function happens(emitter: EventEmitter, event: string): Promise<void> {
  return new Promise((resolve) => void emitter.once(event, () => resolve()));
}
