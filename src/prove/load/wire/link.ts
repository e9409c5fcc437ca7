import net from "node:net";
import tls from "node:tls";
import { now } from "../../machine/now.js";
import type { Trust } from "../../options/trust.js";
import { socketTo, type Address } from "../../request/address.js";
import { TIMED_OUT } from "./classify.js";
import type { DelayLine } from "./delay.js";

export interface LinkOptions {
  readonly address: Address;
  readonly line: DelayLine;
  /** Null for plain TCP. */
  readonly tls: TlsOptions | null;
  /** How long it may take until the connection is made, a TLS handshake included. */
  readonly connectTimeoutMs: number;
}

// What arrived while this process was held up is read before a time-out counts.
const SECOND_LOOK_MS = 50;

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

  #connect({ address, tls: secure, connectTimeoutMs }: LinkOptions): void {
    const isTls = secure !== null;
    const socket = isTls ? connectTls(address, secure) : net.connect(describe(address));
    this.#socket = socket;
    const fail = (code: string): void => this.#tell((at) => this.#events.failed(code, at));
    const giveUp = (): void => {
      timer = setTimeout(() => {
        socket.destroy();
        fail(TIMED_OUT);
      }, SECOND_LOOK_MS);
    };
    let timer = setTimeout(giveUp, connectTimeoutMs);
    socket.once("close", () => clearTimeout(timer));
    socket.on(isTls ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      this.#tell((at) => this.#events.connected(at));
    });
    socket.on("data", (chunk) => {
      // Here and not half a round trip later, in which megabytes may be read.
      if (this.#isPausing) socket.pause();
      this.#tell((at) => this.#events.received(chunk, at));
    });
    socket.on("end", () => this.#tell((at) => this.#events.ended(at)));
    socket.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
  }

  #tell(event: (at: number) => void): void {
    const at = now();
    this.#line.push(() => {
      if (!this.#isClosed) event(at);
    });
  }
}

function describe(address: Address): net.NetConnectOpts {
  // Half-open, or Node would answer the service's FIN before the client has seen it.
  return { ...socketTo(address), allowHalfOpen: true, noDelay: true };
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
