import type { Socket } from "node:net";

import { nextCheckPhase } from "../../clock.js";
import type { Fence } from "../../fence.js";
import type { Timeouts } from "../../options/settings.js";
import type { Goodbyes } from "../goodbyes/goodbyes.js";
import { goodbye, type Endings } from "./goodbye.js";
import { followOutgoing, outgoingOf } from "./outgoing.js";
import { webSocketOn } from "./websocket.js";

/** A registration costs some microseconds; more of them in one turn would be felt on the event loop. */
const MOST_PER_TURN = 500;

/** The sockets of one server that `upgrade` or `CONNECT` took over, and how each is let go. */
export class TakenOver implements Endings {
  readonly fence: Fence;
  idle: number;
  readonly longest: number;
  ended = 0;
  readonly #sockets = new Set<Socket>();
  #goodbyes: Goodbyes | undefined;

  constructor({ idle, goodbye }: Timeouts, fence: Fence) {
    this.fence = fence;
    this.idle = idle;
    this.longest = goodbye / 2;
  }

  /** A socket was taken over; `protocol`: what its client asked for. */
  add(socket: Socket, protocol = ""): void {
    this.#sockets.add(socket);
    if (protocol.toLowerCase() === "websocket") followOutgoing(socket);
    this.#register(socket);
  }

  /** A socket is gone. */
  delete(socket: Socket): void {
    this.#sockets.delete(socket);
  }

  /** From now on they are let go, where the application has registered no goodbye. */
  async letGo(goodbyes: Goodbyes): Promise<void> {
    this.#goodbyes = goodbyes;
    let count = 0;
    for (const socket of this.#sockets) {
      this.fence.attempt("register a goodbye", () => this.#register(socket));
      if (++count % MOST_PER_TURN === 0) await nextCheckPhase();
    }
  }

  #register(socket: Socket): void {
    const goodbyes = this.#goodbyes;
    if (goodbyes === undefined || goodbyes.has(socket)) return;
    const webSocket = webSocketOn(socket);
    if (webSocket !== undefined && goodbyes.has(webSocket)) return;
    goodbyes.add(socket, goodbye(socket, this));
  }

  /** Waits for no silence any more. */
  hurry(): void {
    this.idle = 0;
  }

  release(): void {
    for (const socket of this.#sockets) {
      this.fence.attempt("release a socket", () => outgoingOf(socket)?.release());
    }
    this.#sockets.clear();
  }
}
