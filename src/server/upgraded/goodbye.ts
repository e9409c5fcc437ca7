import type { ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";

import { now, until } from "../../clock.js";
import type { Fence } from "../../fence.js";
import { streamOf } from "../../request/stream.js";
import type { Goodbye, Turn } from "../goodbyes/goodbye.js";
import { rawSocket, sentBytes } from "../node-internals.js";
import { outgoingOf } from "./outgoing.js";
import { endOfMessage, webSocketOn } from "./websocket.js";

/** RFC 6455 §7.4.1: an endpoint is going away. */
const GOING_AWAY = 1001;
const REASON = "service restart";

/** How connections are ended whose protocol lastcall does not know. */
export interface Endings {
  readonly fence: Fence;
  /** How long one must be silent before, in milliseconds. */
  readonly idle: number;
  /** How long one that is never silent is waited for, in milliseconds. */
  readonly longest: number;
  /** How many were. */
  ended: number;
}

/** What was taken over: a socket by `upgrade` or `CONNECT`, a stream of HTTP/2 by `CONNECT` (RFC 9113 §8.5, RFC 8441). */
export type Taken = Socket | ServerHttp2Stream;

/**
 * How a socket that was taken over is let go where its owner has not said how: a WebSocket with a close frame
 * between two messages, whichever package drives it; anything else by the end of our half, at a silent moment.
 */
export function goodbye(taken: Taken, endings: Endings): Goodbye<Turn> {
  return async (turn) => {
    const outgoing = outgoingOf(taken);
    await outgoing?.reaches(({ isOpen, isRefused }) => isOpen || isRefused, turn.signal);
    if (!turn.isCurrent) return;
    const webSocket = webSocketOn(taken);
    if (webSocket !== undefined) {
      const say = (): void => webSocket.close(GOING_AWAY, REASON);
      // What a listener of a signal throws is an uncaught exception.
      const close = (): void => endings.fence.ask("close of a WebSocket", say, undefined);
      // Better a word too early than none: after this the connection is destroyed.
      turn.signal.addEventListener("abort", close);
      await endOfMessage(webSocket, turn.signal);
      close();
    } else if (outgoing?.frames.isOpen === true) {
      await outgoing.reaches(({ isBetweenMessages }) => isBetweenMessages, turn.signal);
      outgoing.close(closeFrame(GOING_AWAY, REASON));
      endWithPeer(taken);
    } else {
      await endWhenSilent(taken, turn.signal, endings);
    }
  };
}

/** Ends our half with the client's, which the socket's owner may not do, or not see: one that reads nothing. */
function endWithPeer(socket: Taken): void {
  // Nor need it know of errors.
  socket.on("error", () => {}).on("end", () => socket.end());
  if (socket.readableEnded) socket.end();
  else if (socket.readableFlowing === null && socket.listenerCount("readable") === 0)
    socket.resume();
}

/** As a server sends it: unmasked. */
function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason);
  return Buffer.from([0x88, 2 + text.length, code >> 8, code & 0xff, ...text]);
}

async function endWhenSilent(taken: Taken, signal: AbortSignal, endings: Endings): Promise<void> {
  const raw = rawOf(taken);
  const moved = (): number => raw.bytesRead + sentBytes(raw);
  const latest = now() + endings.longest;
  let last: number;
  do {
    last = moved();
    await until(Math.min(now() + endings.idle, latest), signal);
  } while (moved() !== last && now() < latest && !signal.aborted);
  if (signal.aborted || taken.writableEnded) return;
  endings.ended++;
  // Its owner does not know, and may write on: that must not be an uncaught exception.
  taken.on("error", () => {});
  taken.end();
}

/** The socket whose bytes are moved; of a stream those of its whole session. */
function rawOf(taken: Taken): Socket {
  const session = streamOf(taken)?.session;
  return rawSocket(session === undefined ? (taken as Socket) : session.socket);
}
