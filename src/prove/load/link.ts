import net from "node:net";
import { now } from "../now.js";
import type { DelayLine } from "./delay.js";

/** What the far end of a link did, told half a round trip later. `at` is the undelayed instant. */
export interface LinkEvents {
  connected(at: number): void;
  received(chunk: Buffer, at: number): void;
  /** The service ended its side (FIN). */
  ended(at: number): void;
  /** The service reset the connection, refused it, or the machine could not make it. */
  failed(code: string, at: number): void;
}

/**
 * A TCP connection with a round-trip time: what the client writes leaves half a round trip later,
 * and what the service does is seen half a round trip after it arrived.
 *
 * It stands in for a proxy between client and service and sits in the client's own socket: a
 * refusal, a FIN and a RST are then the kernel's own, not something a proxy has to imitate, and
 * there is no second pair of sockets that could fail (docs/prove.md has the measurement).
 */
export class Link {
  readonly #line: DelayLine;
  readonly #events: LinkEvents;
  #socket: net.Socket | undefined;
  #isClosed = false;

  constructor(port: number, line: DelayLine, events: LinkEvents) {
    this.#line = line;
    this.#events = events;
    line.push(() => {
      if (!this.#isClosed) this.#connect(port);
    });
  }

  write(chunk: Buffer): void {
    this.#line.push(() => this.#socket?.write(chunk));
  }

  /** Leaves: the service sees FIN half a round trip later. Nothing is told any more. */
  close(): void {
    this.#isClosed = true;
    this.#line.push(() => this.#socket?.destroy());
  }

  #connect(port: number): void {
    // Half-open, or Node would answer the service's FIN before the client has seen it.
    const socket = net.connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
    this.#socket = socket;
    socket.on("connect", () => this.#tell((at) => this.#events.connected(at)));
    socket.on("data", (chunk) => this.#tell((at) => this.#events.received(chunk, at)));
    socket.on("end", () => this.#tell((at) => this.#events.ended(at)));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      this.#tell((at) => this.#events.failed(error.code ?? error.message, at)),
    );
  }

  #tell(event: (at: number) => void): void {
    const at = now();
    this.#line.push(() => {
      if (!this.#isClosed) event(at);
    });
  }
}
