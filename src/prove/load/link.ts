import net from "node:net";
import tls from "node:tls";
import type { Address } from "../address.js";
import { now } from "../now.js";
import type { DelayLine } from "./delay.js";

export interface LinkOptions {
  readonly address: Address;
  readonly line: DelayLine;
  /** Null for plain TCP. */
  readonly tls: TlsOptions | null;
}

/** Whose certificates a client accepts. */
export interface Trust {
  /** False: any certificate will do. */
  readonly isChecked: boolean;
  /** Certificates of authorities, in PEM, in place of those Node knows; null for these. */
  readonly ca: string | null;
}

export interface TlsOptions {
  /** The protocol to agree on (RFC 7301). */
  readonly protocol: TlsProtocol;
  readonly trust: Trust;
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

  #connect({ address, tls: secure }: LinkOptions): void {
    const isTls = secure !== null;
    const socket = isTls ? connectTls(address, secure) : net.connect(describe(address));
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

function describe({ host, port }: Address): net.TcpNetConnectOpts {
  // Half-open, or Node would answer the service's FIN before the client has seen it.
  return { host, port, allowHalfOpen: true, noDelay: true };
}

/** The address's host is the name in the certificate and, unless it is no name, in SNI (RFC 6066 §3). */
export function connectTls(address: Address, { protocol, trust }: TlsOptions): tls.TLSSocket {
  return tls.connect({
    ...describe(address),
    ALPNProtocols: [protocol],
    rejectUnauthorized: trust.isChecked,
    ...(net.isIP(address.host) === 0 ? { servername: address.host } : {}),
    ...(trust.ca === null ? {} : { ca: trust.ca }),
  });
}
