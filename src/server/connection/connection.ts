import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

import { now } from "../../clock.js";
import type { Fence } from "../../fence.js";
import { closeAfter, type HeadOwner } from "../http1/closing-head.js";
import { EndOfSockets } from "./end-of-socket.js";
import { resetWhenTorn } from "./reset-when-torn.js";
import { beginning, type InFlight } from "./in-flight.js";
import {
  currentResponse,
  endsWithConnection,
  isHeadSent,
  isSentAway,
  newestRequest,
  resetWhenDestroyed,
  saidClose,
  sentBytes,
  unsentBytes,
  type Outgoing,
  type SendArguments,
} from "../node-internals.js";
import type { Session } from "../http2/session.js";

/** A request of HTTP/1 whose response is not finished: that is, of which a byte is not in the kernel. */
export interface Exchange extends InFlight {
  readonly connection: Connection;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Called once its head is sent, where that is to come and is waited for. */
  begun?: () => void;
  /** Sends at once what of it is held until the end of the turn. */
  sendHeld?: (() => void) | undefined;
}

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

/** Of a client. */
const UNKNOWN = "unknown";

const CONNECTION = Symbol("lastcall.connection");

type Tagged = Socket & { [CONNECTION]?: Connection };

const EXCHANGE = Symbol("lastcall.exchange");

type Followed = ServerResponse & { [EXCHANGE]?: Exchange };

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
  /** The instant the last response was sent, and our half of the connection ended after it. */
  lingerSince: number | undefined;
  /** Whether a request was refused because it came after a response that said close. */
  refused = false;
  readonly #owner: ConnectionOwner;
  readonly #exchanges: Exchange[] = [];
  /** What was in flight when the drain began, until it is followed. */
  #unfollowed: ServerResponse | undefined;
  /** The request whose body was still arriving when its answer was sent. */
  #upload: IncomingMessage | undefined;
  #followed = false;
  /** When the last request of HTTP/1 began, or the connection. */
  startedAt: number;
  #progress: Progress | undefined;

  constructor(raw: Socket, owner: ConnectionOwner) {
    this.raw = raw;
    this.#owner = owner;
    this.quietSince = now();
    this.startedAt = this.quietSince;
    (raw as Tagged)[CONNECTION] = this;
    owner.fence.ask("end of a connection", () => ends.watch(raw), undefined);
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
    for (const item of this.exchanges) item.isLetGo = true;
    this.close();
  }

  /** Whether its socket was sent to another process: Node has taken its handle and does not tell. */
  get isSentAway(): boolean {
    return isSentAway(this.raw);
  }

  /** Whether a request is known already: frameworks emit one again, to the same server or another, to route it anew. */
  knows(res: ServerResponse): boolean {
    return this.#unfollowed === res || this.#isFollowed(res);
  }

  /** A request has begun. */
  begin(req: IncomingMessage, res: ServerResponse, isProbe: boolean): void {
    this.follow();
    this.headSince = undefined;
    this.startedAt = now();
    if (this.#followed) this.#follow(req, res, this.startedAt, isProbe);
    else if (currentResponse(req.socket) !== res) this.#queue(req, res, isProbe);
  }

  /** Keeps a pipelined request in mind: Node does not show those that wait for the socket. */
  #queue(req: IncomingMessage, res: ServerResponse, isProbe: boolean): void {
    const item: Exchange = { connection: this, req, res, ...beginning(this.startedAt, isProbe) };
    this.#exchanges.push(item);
    (res as Followed)[EXCHANGE] = item;
    this.#owner.fence.ask("end of a queued response", () => res.once("close", onQueuedClose), res);
  }

  /** One that waited for the socket is over, of which nothing is kept; once a drain follows it, that tells of its end. */
  forget(item: Exchange): void {
    if (this.#followed) return;
    const index = this.#exchanges.indexOf(item);
    if (index !== -1) this.#exchanges.splice(index, 1);
  }

  /**
   * From here on every response is followed to its end. Called once, when a drain begins, for all connections in one turn:
   * what that need not bear is left to {@link follow}. Returns whether anything is in flight.
   */
  followSoon(): boolean {
    this.#followed = true;
    if (this.#exchanges.length > 0) {
      this.#followAll(this.#exchanges.splice(0));
      return true;
    }
    try {
      this.#unfollowed = this.#current;
      if (this.#unfollowed === undefined) return false;
      if (!isHeadSent(this.#unfollowed)) (this.#unfollowed as Outgoing)._send = followFirst;
    } catch (thrown) {
      this.#tryToFollow(() => {
        throw thrown;
      });
    }
    return true;
  }

  /** Follows what was in flight when the drain began, unless that is done. Nothing of it is read before. */
  follow(): void {
    const res = this.#unfollowed;
    if (res === undefined) return;
    this.#unfollowed = undefined;
    this.#tryToFollow(() => {
      if (!res.writableFinished) this.#followUnknown(res);
    });
  }

  #followAll(queued: readonly Exchange[]): void {
    this.#tryToFollow(() => {
      this.#followCurrent(queued);
      for (const item of queued) {
        if (item.res.writableFinished || this.#isFollowed(item.res)) continue;
        this.#follow(item.req, item.res, item.startedAt, item.isProbe);
      }
    });
  }

  /** What is in flight on it may not be told: as one that was taken over it is left to itself until the cut. */
  #tryToFollow(follow: () => void): void {
    let isFollowed = false;
    this.#owner.fence.attempt("follow a connection", () => {
      follow();
      if (this.#exchanges.length > 0) this.#owner.followed(this);
      isFollowed = true;
    });
    if (!isFollowed) this.upgraded = true;
  }

  /**
   * A socket that is gone still names the response it had, which has ended with it; and one that was taken over that which
   * Fastify's plugins make of it, in case they say no.
   */
  get #current(): ServerResponse | undefined {
    if (this.upgraded) return undefined;
    const current = this.socket && currentResponse(this.socket);
    if (current === undefined || this.raw.destroyed || current.destroyed) return undefined;
    return current;
  }

  #followCurrent(queued: readonly Exchange[] = []): void {
    const current = this.#current;
    if (current === undefined || this.#isFollowed(current)) return;
    const known = queued.find((item) => item.res === current);
    if (known === undefined) this.#followUnknown(current);
    else this.#follow(known.req, known.res, known.startedAt, known.isProbe);
  }

  /** Nothing was kept of it when it began, but on a prober's connection there is nothing else. */
  #followUnknown(res: ServerResponse): void {
    this.#follow(res.req, res, this.startedAt, this.visitor === "probe");
  }

  #isFollowed(res: ServerResponse): boolean {
    return this.#exchanges.length > 0 && this.#exchanges.some((item) => item.res === res);
  }

  #follow(req: IncomingMessage, res: ServerResponse, startedAt: number, isProbe: boolean): void {
    const item: Exchange = { connection: this, req, res, ...beginning(startedAt, isProbe) };
    (res as Followed)[EXCHANGE] = item;
    this.#exchanges.push(item);
    this.stillSince(now());
    const { fence } = this.#owner;
    if (!isHeadSent(res)) {
      const closing = (): typeof item.sendHeld => closeAfter(res, this.#headOf(item));
      item.sendHeld = fence.ask("head of a response", closing, undefined);
    } else this.#begun(res);
    fence.ask("events of a response", () => listen(res), undefined);
  }

  #headOf(item: Exchange): HeadOwner {
    return {
      fence: this.#owner.fence,
      isLast: () => this.#newest() === item,
      sent: () => {
        this.#begun(item.res);
        item.begun?.();
      },
    };
  }

  /** The head of a response is sent. The application may destroy it too, once its signal has aborted. */
  #begun(res: ServerResponse): void {
    const follow = (): void => {
      if (res.socket !== null && endsWithConnection(res)) resetWhenTorn(res.socket);
    };
    this.#owner.fence.ask("end of an answer", follow, undefined);
  }

  /** What came after its requests is no request: their answers wait for nothing, and it is answered after them. */
  broken(): void {
    for (const item of this.#exchanges) item.sendHeld?.();
  }

  /** Everything of a response is handed over. */
  finished(item: Exchange): void {
    this.#owner.fence.attempt("finish a response", () => {
      item.finished = !(this.socket ?? this.raw).destroyed;
    });
  }

  /** A response is over. */
  ended(item: Exchange): void {
    this.#owner.fence.attempt("end a response", () => this.#end(item));
  }

  #end(item: Exchange): void {
    const index = this.#exchanges.indexOf(item);
    if (index === -1) return;
    this.#exchanges.splice(index, 1);
    this.quietSince = now();
    try {
      // A response that was pipelined before the count began shows itself only now.
      this.#followCurrent();
    } finally {
      this.#owner.ended(this, item);
    }
  }

  /** Requests whose responses are not finished, in their order. Outside a drain only those that wait for the socket. */
  get exchanges(): readonly Exchange[] {
    this.follow();
    return this.#exchanges;
  }

  /** None, while requests that were pipelined before the count began wait behind those we know. */
  #newest(): Exchange | undefined {
    const newest = this.exchanges.at(-1);
    const parsed = this.socket && newestRequest(this.socket);
    return parsed === undefined || parsed === newest?.req ? newest : undefined;
  }

  /** Whether the client has been told that no further request is answered here. */
  get saidClose(): boolean {
    if (this.lingerSince !== undefined) return true;
    const isSaid = (): boolean => this.exchanges.some((item) => saidClose(item.res));
    return this.#owner.fence.ask("said close", isSaid, false);
  }

  /** Node is about to close it after its last response. */
  lastSent(): void {
    this.#owner.lastSent(this);
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
    return this.session?.streams.isQuiet ?? this.exchanges.length === 0;
  }

  /** Requests whose responses are not finished, in whichever protocol. */
  get inFlight(): readonly InFlight[] {
    return this.session?.streams.inFlight ?? this.exchanges;
  }

  /** How many they are, also of those that are not followed yet. */
  get inFlightCount(): number {
    if (this.#unfollowed !== undefined) return 1;
    return this.inFlight.length;
  }

  /** Whether what is in flight on it can be told. */
  get isFollowed(): boolean {
    return this.#unfollowed === undefined;
  }

  /** Bytes that the kernel has taken. */
  get sent(): number {
    return sentBytes(this.raw);
  }

  /** Whether the client must read before anything can go on. */
  get isSending(): boolean {
    return unsentBytes(this.raw) > 0;
  }

  /** Whether a handler waits for more of a request's body. A body that is not read stalls nothing. */
  get isReceiving(): boolean {
    return this.exchanges.some(
      ({ req }) =>
        !req.complete &&
        req.readableLength === 0 &&
        (req.readableFlowing === true || req.listenerCount("readable") > 0),
    );
  }

  get remote(): string {
    const read = (): string => {
      const { remoteAddress, remotePort } = this.raw;
      return remoteAddress === undefined ? UNKNOWN : `${remoteAddress}:${remotePort}`;
    };
    return this.#owner.fence.ask("address of a client", read, UNKNOWN);
  }

  /** The request that was answered before its body had come, and whose body still has not. */
  get unread(): IncomingMessage | undefined {
    const req = this.socket && newestRequest(this.socket);
    return req === undefined || req.complete ? undefined : req;
  }

  /** Cuts. The TLS socket too, or its requests would never learn of it on some versions of Node. */
  destroy(): void {
    if (this.#wouldLookWhole) resetWhenDestroyed(this.raw);
    if (this.socket !== undefined) this.#destroy(this.socket);
    this.#destroy(this.raw);
  }

  /** The socket's own `destroy` may be a tracer's; a socket whose own does not is destroyed anyway. */
  #destroy(socket: Socket): void {
    const { fence } = this.#owner;
    fence.ask("destroy of a socket", () => socket.destroy(), socket);
    // Without effect where that was Node's own.
    fence.attempt("destroy a socket", () => void Duplex.prototype.destroy.call(socket));
  }

  /** Whether an orderly end of the connection would be taken for the end of an answer. */
  get #wouldLookWhole(): boolean {
    // Outside a drain the exchanges are not followed; Node knows the one that owns the socket.
    const current = this.socket && currentResponse(this.socket);
    return this.exchanges.some(({ res }) => endsWithConnection(res)) || endsWithConnection(current);
  }

  /** Cuts in the protocol's own words where it has some, and in any case soon. */
  cut(): void {
    if (this.session === undefined) this.destroy();
    else void this.session.cut().finally(() => this.destroy());
  }

  /** Called when the raw socket is gone; requests that Node forgot are ended too. */
  close(): void {
    const { fence } = this.#owner;
    fence.attempt("end what was in flight", () => {
      this.session?.close();
      for (const item of [...this.exchanges]) this.#end(item);
    });
    fence.attempt("close a connection", () => this.#owner.closed(this));
  }

  /** Leaves no trace on the sockets. */
  release(): void {
    const { fence } = this.#owner;
    this.session?.release();
    fence.ask("release of a socket", () => ends.forget(this.raw), undefined);
    delete (this.raw as Tagged)[CONNECTION];
    if (this.socket !== undefined) delete (this.socket as Tagged)[CONNECTION];
  }
}

/** Sends the first part of a response, whose head says what is right for it only where it is followed. */
function followFirst(this: Outgoing, ...args: SendArguments): boolean {
  delete (this as Partial<Outgoing>)._send;
  if (this.socket !== null) connectionOf(this.socket)?.follow();
  return this._send(...args);
}

/**
 * First in line: after Node's own listener the socket may be destroyed for good reasons, and on Node 20 and 22 `finish` also
 * fires for a response that a destroyed socket swallowed. Listeners for all, so that a response costs no closure.
 */
function listen(res: ServerResponse): void {
  res.prependListener("finish", onFinish);
  res.on("close", onClose);
}

function onFinish(this: Followed): void {
  const item = this[EXCHANGE];
  item?.connection.finished(item);
}

function onQueuedClose(this: Followed): void {
  const item = this[EXCHANGE];
  item?.connection.forget(item);
}

function onClose(this: Followed): void {
  const item = this[EXCHANGE];
  item?.connection.ended(item);
}

/** Tells connections that their socket is gone. */
const ends = new EndOfSockets((raw) => connectionOf(raw)?.close());
