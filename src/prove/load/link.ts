import net from "node:net";
import tls from "node:tls";
import { now } from "../now.js";
import type { DelayLine } from "./delay.js";

export interface LinkOptions {
  readonly port: number;
  readonly line: DelayLine;
  /** The protocol to agree on over TLS (RFC 7301); null for plain TCP. */
  readonly tlsProtocol: TlsProtocol | null;
}

export type TlsProtocol = "http/1.1" | "h2";

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
 * A TCP or TLS connection with a round-trip time: what the client writes leaves half a round trip later,
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
  #isPausing = false;

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#line = options.line;
    this.#events = events;
    this.#line.push(() => {
      if (!this.#isClosed) this.#connect(options);
    });
  }

  write(chunk: Buffer): void {
    this.#line.push(() => this.#socket?.write(chunk));
  }

  /** Reads one more chunk and then nothing: the kernel's buffers fill, and the service must wait. */
  stopReading(): void {
    this.#isPausing = true;
  }

  readAgain(): void {
    this.#isPausing = false;
    this.#socket?.resume();
  }

  /** Leaves: the service sees FIN half a round trip later. Nothing is told any more. */
  close(): void {
    this.#isClosed = true;
    this.#line.push(() => this.#socket?.destroy());
  }

  #connect({ port, tlsProtocol }: LinkOptions): void {
    const isTls = tlsProtocol !== null;
    const socket = isTls ? connectTls(port, tlsProtocol) : net.connect(address(port));
    this.#socket = socket;
    socket.on(isTls ? "secureConnect" : "connect", () =>
      this.#tell((at) => this.#events.connected(at)),
    );
    socket.on("data", (chunk) => {
      // Here and not half a round trip later, in which megabytes may be read.
      if (this.#isPausing) socket.pause();
      this.#tell((at) => this.#events.received(chunk, at));
    });
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

function address(port: number): net.TcpNetConnectOpts {
  // Half-open, or Node would answer the service's FIN before the client has seen it.
  return { host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true };
}

/** Any certificate will do: this is loopback, and it is the stop that is judged. */
export function connectTls(port: number, protocol: TlsProtocol): tls.TLSSocket {
  const ALPNProtocols = [protocol];
  return tls.connect({ ...address(port), ALPNProtocols, rejectUnauthorized: false });
}
