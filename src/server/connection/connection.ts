import type { Socket } from "node:net";

import { now } from "../../clock.js";
import type { Fence } from "../../fence.js";
import { Exchanges, type Carrier } from "../http1/exchanges.js";
import type { Lingering } from "../http1/lingering.js";
import type { Session } from "../http2/session.js";
import { unsentBytes } from "../node-internals.js";
import { EndOfSockets } from "./end-of-socket.js";
import type { InFlight } from "./in-flight.js";

/** What {@link Connection} tells its server. */
export interface ConnectionOwner {
  readonly fence: Fence;
  /** What was in flight on it when the drain began is followed from now on. */
  followed(connection: Connection): void;
  /** Its last response is sent, and Node is about to close it. */
  lastSent(connection: Connection): void;
  /** A response is over; `inFlight.finished` says whether it was whole. */
  ended(connection: Connection, inFlight: InFlight): void;
  closed(connection: Connection): void;
}

/** How far a connection's bytes were when it was last looked at. */
interface Progress {
  readonly at: number;
  readonly read: number;
  readonly unsent: number;
  readonly written: number;
}

const CONNECTION = Symbol("lastcall.connection");

type Tagged = Socket & { [CONNECTION]?: Connection };

/** The connection that a socket, raw or TLS, belongs to. */
export function connectionOf(socket: Socket): Connection | undefined {
  return (socket as Tagged)[CONNECTION];
}

/** One accepted connection: its sockets, what is spoken on it, and its end. */
export class Connection implements Carrier {
  /** The socket that was accepted. */
  readonly raw: Socket;
  /** The socket that speaks HTTP: `raw`, or the TLS socket above it once the handshake is done. */
  socket: Socket | undefined;
  /** Its requests of HTTP/1. */
  readonly exchanges: Exchanges;
  /** What is known of HTTP/1 on it from its last answer on. */
  lingering: Lingering | undefined;
  /** What is spoken on it instead of HTTP/1, if the client chose so. */
  session: Session | undefined;
  /** What is at the other end: known with the first request, for a probe comes without a name. */
  visitor: "unknown" | "probe" | "client" = "unknown";
  /** Taken over by `upgrade` or `CONNECT`; its bytes are no longer HTTP. */
  upgraded = false;
  /** The instant since which nothing was in flight: of the accept or the handshake, at first. */
  quietSince: number;
  /** The instant a half-sent head, or a handshake, was first seen. */
  headSince: number | undefined;
  readonly #owner: ConnectionOwner;
  #progress: Progress | undefined;

  constructor(raw: Socket, owner: ConnectionOwner) {
    this.raw = raw;
    this.#owner = owner;
    this.quietSince = now();
    this.exchanges = new Exchanges(this, this.quietSince);
    (raw as Tagged)[CONNECTION] = this;
    owner.fence.ask("end of a connection", () => ends.watch(raw), undefined);
  }

  get fence(): Fence {
    return this.#owner.fence;
  }

  /** The handshake is done, or there was none; the client's first request is still to come. */
  speaksOn(socket: Socket): void {
    this.socket = socket;
    this.quietSince = now();
    this.headSince = undefined;
    (socket as Tagged)[CONNECTION] = this;
  }

  /** Other code has the socket from now on: another server, another process. */
  leave(): void {
    for (const item of this.exchanges.open) item.isLetGo = true;
    this.close();
  }

  followed(): void {
    this.#owner.followed(this);
  }

  ended(inFlight: InFlight): void {
    this.#owner.ended(this, inFlight);
  }

  /** Node is about to close it after its last response. */
  lastSent(): void {
    this.#owner.lastSent(this);
  }

  /** The instant since which neither a byte was read nor one was taken off the send queue. */
  stillSince(instant: number): number {
    const { bytesRead: read, bytesWritten: written } = this.raw;
    const unsent = unsentBytes(this.raw);
    const last = this.#progress;
    if (read !== last?.read || unsent !== last.unsent || written !== last.written) {
      this.#progress = { at: instant, read, unsent, written };
    }
    return this.#progress?.at ?? instant;
  }

  get isQuiet(): boolean {
    return this.session?.streams.isQuiet ?? this.exchanges.open.length === 0;
  }

  /** Requests whose responses are not finished, in whichever protocol. */
  get inFlight(): readonly InFlight[] {
    return this.session?.streams.inFlight ?? this.exchanges.open;
  }

  /** How many they are, also of those that are not followed yet. */
  get inFlightCount(): number {
    return this.exchanges.isFollowed ? this.inFlight.length : 1;
  }

  /** Called when the raw socket is gone; requests that Node forgot are ended too. */
  close(): void {
    this.fence.attempt("end what was in flight", () => {
      this.session?.close();
      this.exchanges.endAll();
    });
    this.fence.attempt("close a connection", () => this.#owner.closed(this));
  }

  /** Leaves no trace on the sockets. */
  release(): void {
    this.session?.release();
    this.exchanges.release();
    this.fence.ask("release of a socket", () => ends.forget(this.raw), undefined);
    delete (this.raw as Tagged)[CONNECTION];
    if (this.socket !== undefined) delete (this.socket as Tagged)[CONNECTION];
  }
}

/** Tells connections that their socket is gone. */
const ends = new EndOfSockets((raw) => connectionOf(raw)?.close());
