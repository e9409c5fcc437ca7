import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

import { now } from "../clock.js";
import type { InFlight } from "./in-flight.js";
import {
  currentResponse,
  newestRequest,
  saidClose,
  sentBytes,
  unsentBytes,
} from "./node-internals.js";
import type { Session } from "./session.js";

/** A request of HTTP/1 whose response is not finished: that is, of which a byte is not in the kernel. */
export interface Exchange extends InFlight {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Whether the drain took keep-alive off this response. */
  announced: boolean;
}

/** What {@link Connection} tells its server. */
export interface ConnectionOwner {
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

/**
 * One accepted connection. While the service is ready it costs two property writes per request and
 * no listener: Node itself knows the response that owns a socket. Only from the drain's start on is
 * every response followed to its end.
 */
export class Connection {
  /** The socket that was accepted. */
  readonly raw: Socket;
  /** The socket that speaks HTTP: `raw`, or the TLS socket above it once the handshake is done. */
  socket: Socket | undefined;
  readonly exchanges: Exchange[] = [];
  /** What is spoken on it instead of HTTP/1, if the client chose so. */
  session: Session | undefined;
  /** Who is at the other end: known with the first request, for a probe comes without a name. */
  visitor: "unknown" | "probe" | "client" = "unknown";
  /** Taken over by `upgrade` or `CONNECT`; its bytes are no longer HTTP. */
  upgraded = false;
  /** The instant since which nothing was in flight: of the accept or the handshake, at first. */
  quietSince: number;
  /** The instant a half-sent head, or a handshake, was first seen. */
  headSince: number | undefined;
  /** The instant the last response was sent, and our half of the connection ended after it. */
  lingerSince: number | undefined;
  /** Whether a request was refused because it came after a response that said close. */
  refused = false;
  readonly #owner: ConnectionOwner;
  /** The request whose body was still arriving when its answer was sent. */
  #upload: IncomingMessage | undefined;
  #followed = false;
  #startedAt: number;
  #progress: Progress | undefined;

  constructor(raw: Socket, owner: ConnectionOwner) {
    this.raw = raw;
    this.#owner = owner;
    this.quietSince = now();
    this.#startedAt = this.quietSince;
    (raw as Tagged)[CONNECTION] = this;
    raw.on("close", onRawClose);
  }

  /** The handshake is done, or there was none; the client's first request is still to come. */
  speaksOn(socket: Socket): void {
    this.socket = socket;
    this.quietSince = now();
    this.headSince = undefined;
    (socket as Tagged)[CONNECTION] = this;
  }

  /** A request has begun. */
  begin(req: IncomingMessage, res: ServerResponse): void {
    this.headSince = undefined;
    this.#startedAt = now();
    if (this.#followed) this.#follow(req, res, this.#startedAt);
    else if (currentResponse(req.socket) !== res) this.#queue(req, res);
  }

  /** Keeps a pipelined request in mind: Node does not show those that wait for the socket. */
  #queue(req: IncomingMessage, res: ServerResponse): void {
    const waiting = this.exchanges.filter((item) => !item.res.writableFinished);
    const startedAt = this.#startedAt;
    waiting.push({ req, res, startedAt, announced: false, finished: false, isProbe: false });
    this.exchanges.splice(0, this.exchanges.length, ...waiting);
  }

  /** From here on every response is followed to its end. Called once, when a drain begins. */
  follow(): void {
    this.#followed = true;
    const queued = this.exchanges.splice(0);
    this.#followCurrent(queued);
    for (const item of queued) {
      if (item.res.writableFinished || this.#isFollowed(item.res)) continue;
      this.#follow(item.req, item.res, item.startedAt);
    }
  }

  #followCurrent(queued: readonly Exchange[] = []): void {
    // A socket that is gone still names the response it had, which has ended with it.
    if (this.raw.destroyed) return;
    const current = this.socket && currentResponse(this.socket);
    if (current === undefined || current.destroyed || this.#isFollowed(current)) return;
    const known = queued.find((item) => item.res === current);
    this.#follow(current.req, current, known?.startedAt ?? this.#startedAt);
  }

  #isFollowed(res: ServerResponse): boolean {
    return this.exchanges.some((item) => item.res === res);
  }

  #follow(req: IncomingMessage, res: ServerResponse, startedAt: number): void {
    const item: Exchange = {
      req,
      res,
      startedAt,
      announced: false,
      finished: false,
      isProbe: false,
    };
    this.exchanges.push(item);
    this.stillSince(now());
    // First in line: after Node's own listener the socket may be destroyed for good reasons, and on
    // Node 20 and 22 `finish` also fires for a response that a destroyed socket swallowed.
    res.prependListener("finish", () => {
      item.finished = !(this.socket ?? this.raw).destroyed;
    });
    res.on("close", () => this.#end(item));
  }

  #end(item: Exchange): void {
    const index = this.exchanges.indexOf(item);
    if (index === -1) return;
    this.exchanges.splice(index, 1);
    this.quietSince = now();
    // A response that was pipelined before anybody counted shows itself only now.
    this.#followCurrent();
    this.announceClose();
    this.#owner.ended(this, item);
  }

  /**
   * Takes keep-alive off the newest response whose head is unsent, and gives it back to those
   * before: on a pipelined connection a close that is said too early loses the requests behind it,
   * which have run already.
   */
  announceClose(): void {
    const newest = this.#newest();
    for (const item of this.exchanges) {
      if (item.res.headersSent) continue;
      if (item === newest) {
        item.announced ||= item.res.shouldKeepAlive;
        item.res.shouldKeepAlive = false;
      } else if (item.announced) {
        item.announced = false;
        item.res.shouldKeepAlive = true;
      }
    }
  }

  /** None, while requests that were pipelined before anybody counted wait behind those we know. */
  #newest(): Exchange | undefined {
    const newest = this.exchanges.at(-1);
    const parsed = this.socket && newestRequest(this.socket);
    return parsed === undefined || parsed === newest?.req ? newest : undefined;
  }

  /** Whether the client has been told that no further request is answered here. */
  get saidClose(): boolean {
    return this.lingerSince !== undefined || this.exchanges.some((item) => saidClose(item.res));
  }

  /** The last response is sent, and our half of the connection ended: the client is only listened to. */
  linger(instant: number): void {
    this.lingerSince ??= instant;
    this.#upload ??= this.exchanges.find(({ req }) => !req.complete)?.req;
    this.stillSince(instant);
  }

  /** Whether the body of an answered request is still arriving. */
  get isUploading(): boolean {
    return this.#upload?.complete === false;
  }

  /** Whether anything that was sent to us has not been read to its end. */
  get isUnread(): boolean {
    return this.refused || this.exchanges.some((item) => !item.req.complete);
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
    return this.session?.isQuiet ?? this.exchanges.length === 0;
  }

  /** Requests whose responses are not finished, in whichever protocol. */
  get inFlight(): readonly InFlight[] {
    return this.session?.inFlight ?? this.exchanges;
  }

  /** Bytes that the kernel has taken. */
  get sent(): number {
    return sentBytes(this.raw);
  }

  /** Whether the client must read before anything can go on. */
  get isSending(): boolean {
    return unsentBytes(this.raw) > 0;
  }

  /** Whether a handler waits for more of a request's body. A body that nobody reads stalls nobody. */
  get isReceiving(): boolean {
    return this.exchanges.some(
      ({ req }) =>
        !req.complete &&
        req.readableLength === 0 &&
        (req.readableFlowing === true || req.listenerCount("readable") > 0),
    );
  }

  get remote(): string {
    const { remoteAddress, remotePort } = this.raw;
    return remoteAddress === undefined ? "unknown" : `${remoteAddress}:${remotePort}`;
  }

  /** Cuts. The TLS socket too, or its requests would never learn of it on some versions of Node. */
  destroy(): void {
    this.socket?.destroy();
    this.raw.destroy();
  }

  /** Cuts in the protocol's own words where it has some, and in any case soon. */
  cut(): void {
    if (this.session === undefined) this.destroy();
    else void this.session.cut().then(() => this.destroy());
  }

  /** Called when the raw socket is gone; requests that Node forgot are ended too. */
  close(): void {
    this.session?.close();
    for (const item of [...this.exchanges]) this.#end(item);
    this.#owner.closed(this);
  }

  /** Leaves no trace on the sockets. */
  release(): void {
    this.session?.release();
    this.raw.off("close", onRawClose);
    delete (this.raw as Tagged)[CONNECTION];
    if (this.socket !== undefined) delete (this.socket as Tagged)[CONNECTION];
  }
}

/** Shared by all connections, so that each costs no closure. */
function onRawClose(this: Socket): void {
  connectionOf(this)?.close();
}
