import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";

import { now, until } from "../../clock.js";
import { findSymbol } from "../node-internals.js";

/** A WebSocket of the `ws` package, as far as it is used here. */
export interface WsSocket extends EventEmitter {
  close(code: number, reason: string): void;
}

/** Of the copy of `ws` that was met last: most programs have one. */
let known: symbol | undefined;

/**
 * The WebSocket that drives a socket, where the `ws` package made it, of whichever copy, bundled or not: its
 * versions 7 and 8 leave it on the socket under a symbol that they describe so.
 */
export function webSocketOn(socket: Duplex): WsSocket | undefined {
  if (known === undefined || !(known in socket)) known = findSymbol(socket, "websocket");
  if (known === undefined) return undefined;
  const found = (socket as unknown as Record<symbol, unknown>)[known] as
    Partial<WsSocket> | undefined;
  const isOne = typeof found?.close === "function" && typeof found.on === "function";
  return isOne ? (found as WsSocket) : undefined;
}

/** How often a message in parts is looked at, of whose end there is no event, in ms. */
const LOOK = 20;

/** Fields without a public name, the same in all versions 7 and 8. */
interface Sender {
  /** False while a message is sent in several parts, `send(part, { fin: false })`. */
  readonly _firstFragment: boolean;
}

interface Receiver {
  /** 0 between two frames. */
  readonly _state: number;
  /** Opcode of the message whose last frame has not arrived; 0 where there is none. */
  readonly _fragmented: number;
  /** Bytes of a frame's head that is not complete. */
  readonly _bufferedBytes: number;
}

function isInParts(socket: WsSocket): boolean {
  const { _sender: sender } = socket as WsSocket & { _sender?: Sender };
  return sender?._firstFragment === false;
}

/** Resolves when neither side is in the middle of a message, or at `signal`. */
export async function endOfMessage(socket: WsSocket, signal: AbortSignal): Promise<void> {
  await endOfReceived(socket, signal);
  while (isInParts(socket) && !signal.aborted) await until(now() + LOOK, signal);
}

/**
 * Resolves when the client is not in the middle of a message. A client that is told to close while sending
 * one may not send the rest of it (RFC 6455 §5.5.1).
 */
async function endOfReceived(socket: WsSocket, signal: AbortSignal): Promise<void> {
  const { _receiver: receiver } = socket as WsSocket & { _receiver?: Receiver };
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
