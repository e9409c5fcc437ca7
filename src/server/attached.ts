import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  Http2ServerRequest,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from "node:http2";
import net, { type Socket } from "node:net";
import { Server as TlsServer } from "node:tls";

import type { Timeouts } from "../options.js";
import type { StallReport } from "../report.js";
import type { Acceptor } from "./accept-queue.js";
import { closeOfItsOwn, isHttp2, type AttachableServer } from "./attachable.js";
import { Connection, connectionOf, type ConnectionOwner } from "./connection.js";
import { guard, type Watcher } from "./guard.js";
import { Http1 } from "./http1.js";
import { Http2 } from "./http2.js";
import type { InFlight } from "./in-flight.js";
import { acceptedSockets, http2Sessions, httpSockets, rawSocket } from "./node-internals.js";
import { Stalls } from "./stalls.js";
import { Visits } from "./visits.js";

/** What an attached server tells the service, and asks it. */
export interface ServerOwner {
  readonly timeouts: Timeouts;
  /** How long silent connections may take to leave after the listener closed, in milliseconds. */
  readonly spread: number;
  /** Whether requests are to be found from whatever their handlers call. */
  readonly ambient: boolean;
  /** Answers a probe; false when the request is none. */
  probe(req: IncomingMessage, res: ServerResponse): boolean;
  probeStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean;
  listening(): void;
  ended(inFlight: InFlight): void;
  stalled(stall: StallReport): void;
  foreignClose(): void;
  /** Somebody else destroys connections; `inFlight`: how many have a request whose answer is not whole. */
  foreignCut(inFlight: number): void;
}

/**
 * One server in the service's care: its connections, and the steps of a drain that concern them. The
 * service decides when; this class knows in which order, and {@link Http1}, {@link Http2} and
 * {@link Stalls} know how.
 */
export class AttachedServer implements Acceptor, Watcher, ConnectionOwner {
  readonly server: AttachableServer;
  readonly connections: Set<Connection> = new Set();
  /** Who comes, and since when nobody does. */
  readonly visits: Visits = new Visits(this.connections);
  /** Connections accepted since the server was attached. */
  accepted = 0;
  /** Requests begun since the drain did. */
  begun = 0;
  isStopping = false;
  /** Resolves when the listener and every connection are closed. */
  readonly settled: Promise<void>;
  readonly #owner: ServerOwner;
  readonly #isTls: boolean;
  readonly #stalls: Stalls;
  readonly #http1: Http1;
  readonly #http2: Http2;
  #settle!: () => void;
  #unguard: (() => void) | undefined;
  #isDrained = false;
  #isClosed = false;

  constructor(server: AttachableServer, owner: ServerOwner) {
    this.server = server;
    this.#owner = owner;
    this.#isTls = server instanceof TlsServer;
    this.#stalls = new Stalls(server, this.connections, owner);
    this.#http1 = new Http1(server, this.connections, this.#stalls);
    this.#http2 = new Http2(this.connections, owner.timeouts.idle, {
      ended: (connection, inFlight) => this.ended(connection, inFlight),
      told: (connection) => this.#stalls.consider(connection),
    });
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#unguard = guard(server, this);
    if (server.listening) this.#adopt();
  }

  /** Finds the connections of a server that has been serving before it was attached. */
  #adopt(): void {
    for (const raw of acceptedSockets(this.server)) this.connected(raw);
    // They came before anybody counted; a request of theirs is no arrival.
    for (const connection of this.connections) connection.visitor = "client";
    const speaking = httpSockets(this.server);
    for (const socket of speaking) connectionOf(rawSocket(socket))?.speaksOn(socket);
    for (const session of http2Sessions(this.server)) this.#http2.speaks(session, false);
    if (this.#isTls && !isHttp2(this.server)) return;
    // What speaks no HTTP has been taken over. A session that Node does not show is bounded in the same
    // way until its next stream.
    for (const connection of this.connections) {
      const isHttp1 = connection.socket !== undefined && speaking.has(connection.socket);
      connection.upgraded = !isHttp1 && connection.session === undefined;
    }
  }

  get isAmbient(): boolean {
    return this.#owner.ambient;
  }

  get isListening(): boolean {
    return this.server.listening;
  }

  get inFlight(): readonly InFlight[] {
    return [...this.connections].flatMap((connection) => connection.inFlight);
  }

  /** Connections taken over by `upgrade` or `CONNECT`. */
  get upgradedCount(): number {
    let count = 0;
    for (const connection of this.connections) if (connection.upgraded) count++;
    return count;
  }

  /** Requests that were not executed because they came after a response that said close. */
  get refused(): number {
    return this.#http1.refused;
  }

  /** Silent connections that the drain closed. */
  get idleClosed(): number {
    return this.#stalls.idleClosed;
  }

  // What the guard sees.

  connected(raw: Socket): void {
    this.accepted++;
    const connection = new Connection(raw, this);
    this.connections.add(connection);
    this.#stalls.connected();
    if (this.isStopping) connection.follow();
    if (this.#isTls) this.#stalls.consider(connection);
    else this.#speaks(connection, raw);
  }

  secured(socket: Socket): void {
    const connection = connectionOf(rawSocket(socket));
    if (connection === undefined) return;
    connection.upgraded = false;
    this.#speaks(connection, socket);
  }

  #speaks(connection: Connection, socket: Socket): void {
    connection.speaksOn(socket);
    if (this.isStopping) this.#stalls.consider(connection);
  }

  session(session: ServerHttp2Session): void {
    this.#http2.speaks(session, true);
  }

  streamed(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const connection = this.#http2.begin(stream, headers);
    return this.#came(connection, this.#owner.probeStream(stream, headers));
  }

  admits(req: IncomingMessage, res: ServerResponse): boolean {
    if (req.httpVersionMajor === 2) {
      this.#http2.named(req as unknown as Http2ServerRequest);
      return true;
    }
    const connection = connectionOf(req.socket);
    if (connection === undefined) return true;
    if (!this.#http1.takes(connection, req, res)) return false;
    return this.#came(connection, this.#owner.probe(req, res));
  }

  /** Whether the application is to see what has come: a probe is answered already. */
  #came(connection: Connection | undefined, isProbe: boolean): boolean {
    if (isProbe) {
      this.visits.probed(connection);
      return false;
    }
    if (this.isStopping) this.begun++;
    this.visits.came(connection);
    return true;
  }

  unknownProtocol(socket: Socket): void {
    // Without a listener Node turns the client away.
    if (this.server.listenerCount("unknownProtocol") > 0) this.upgraded(socket);
  }

  upgraded(socket: Socket): void {
    const connection = connectionOf(socket);
    if (connection === undefined) return;
    connection.upgraded = true;
    this.visits.came(connection);
  }

  listening(): void {
    if (this.isStopping) return;
    this.visits.restart();
    this.#owner.listening();
  }

  foreignClose(): void {
    this.#owner.foreignClose();
  }

  /** Node's call reaches no session of HTTP/2. */
  foreignCut(): void {
    const open = [...this.connections].filter(({ session, upgraded }) => !session && !upgraded);
    if (open.length === 0) return;
    this.#owner.foreignCut(open.filter(({ isQuiet }) => !isQuiet).length);
  }

  /**
   * Node's `close` event. After a drain it comes from `net.Server`'s close; the server's own must
   * still run, because it stops the interval that checks for timeouts, and it emits `close` again.
   */
  drained(): boolean {
    if (!this.isStopping) return true;
    if (!this.#isDrained) {
      this.#isDrained = true;
      closeOfItsOwn(this.server).call(this.server);
      return false;
    }
    this.#isClosed = true;
    this.#settleWhenGone();
    return true;
  }

  /** Node's `close` event comes a turn before the last socket's own: a destroyed one counts till then. */
  #settleWhenGone(): void {
    if (this.#isClosed && this.connections.size === 0) this.#settle();
  }

  // The steps of a drain, in their order.

  /**
   * From now on every response of HTTP/1 says close, and sessions of HTTP/2 are told until `lameDuckMin`,
   * before any evidence can close the listener.
   */
  begin(lameDuckMin: number): void {
    this.isStopping = true;
    this.#http1.begin();
    this.#http2.spreadGoodbyes(lameDuckMin);
    this.#stalls.begin();
    // A listen() that still looks up its host would bind after the drain (nodejs/node#51929).
    if (!this.server.listening) this.#closeListener();
  }

  /** Closes the listener; sessions of HTTP/2 that had no quiet moment are told now. */
  stopAccepting(): void {
    this.#stalls.listenerClosed();
    this.#http2.listenerClosed();
    if (this.server.listening) this.#closeListener();
    this.#http1.closeSpare();
  }

  /** `http.Server`'s own close would shoot idle connections and switch the timeouts off. */
  #closeListener(): void {
    net.Server.prototype.close.call(this.server);
  }

  /** Lets silent connections go without the usual wait: nobody is left to send on them. */
  hurry(): void {
    this.#stalls.hurry();
    this.#http2.hurry();
  }

  /** Destroys every connection; returns how many there were that were not answered to the end. */
  cut(): number {
    const count = this.connections.size - this.#http1.spare - this.#http2.over;
    for (const connection of [...this.connections]) connection.cut();
    return count;
  }

  /** Takes everything back. */
  release(): void {
    this.#stalls.stop();
    this.#unguard?.();
    this.#unguard = undefined;
    for (const connection of this.connections) connection.release();
    this.connections.clear();
  }

  // What the connections tell.

  ended(connection: Connection, inFlight: InFlight): void {
    if (!inFlight.isProbe) this.visits.answered();
    this.#owner.ended(inFlight);
    if (connection.isQuiet) this.#stalls.consider(connection);
  }

  closed(connection: Connection): void {
    this.connections.delete(connection);
    connection.release();
    this.#http1.closed(connection);
    this.#settleWhenGone();
  }
}
