import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  Http2ServerRequest,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from "node:http2";
import net, { type Socket } from "node:net";
import { Server as TlsServer } from "node:tls";

import { now } from "../clock.js";
import type { Timeouts } from "../options.js";
import type { StallReport } from "../report.js";
import { routeOf } from "../request/route.js";
import { bindResponse } from "../request/signal.js";
import type { Acceptor } from "./accept-queue.js";
import { Arrivals } from "./arrivals.js";
import { closeOfItsOwn, isHttp2, type AttachableServer } from "./attachable.js";
import { Connection, connectionOf, type ConnectionOwner } from "./connection.js";
import { guard, type Watcher } from "./guard.js";
import type { InFlight } from "./in-flight.js";
import type { Visited } from "./lame-duck.js";
import { endLinger, lingerAfterLastResponse } from "./linger.js";
import {
  acceptedSockets,
  currentResponse,
  http2Sessions,
  httpSockets,
  rawSocket,
} from "./node-internals.js";
import {
  Session,
  sessionOf,
  spreadGoodbyes,
  type SessionOwner,
  type StreamInFlight,
} from "./session.js";
import { StillWatch } from "./still-watch.js";
import { Sweeper } from "./sweeper.js";

const REQUEST_TIMEOUT = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";

/** What an attached server tells the service, and asks it. */
export interface ServerOwner {
  readonly timeouts: Timeouts;
  /** How long silent connections may take to leave after the listener closed, in milliseconds. */
  readonly spread: number;
  /** Answers a probe; false when the request is none. */
  probe(req: IncomingMessage, res: ServerResponse): boolean;
  probeStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean;
  listening(): void;
  ended(inFlight: InFlight): void;
  stalled(stall: StallReport): void;
  foreignClose(): void;
}

/**
 * One server in the service's care: its connections, and the steps of a drain that concern them. The
 * service decides when; this class knows how.
 */
export class AttachedServer implements Acceptor, Watcher, ConnectionOwner, Visited {
  readonly server: AttachableServer;
  readonly connections: Set<Connection> = new Set();
  /** New connections of clients; a probe's is none. */
  arrivals: Arrivals = new Arrivals(now());
  /** Connections accepted since the server was attached. */
  accepted = 0;
  /** Requests begun since the drain did. */
  begun = 0;
  /** Requests that were not executed because they came after a response that said close. */
  refused = 0;
  /** Silent connections that the drain closed. */
  idleClosed = 0;
  isStopping = false;
  /** Resolves when the listener and every connection are closed. */
  readonly settled: Promise<void>;
  readonly #owner: ServerOwner;
  readonly #isTls: boolean;
  readonly #sweeper: Sweeper;
  readonly #sendWatch: StillWatch<Connection>;
  /** Answered to the end, and open only in case their client still sends: they hold no drain. */
  readonly #spare = new Set<Connection>();
  #lastAnswer = 0;
  #settle!: () => void;
  #unguard: (() => void) | undefined;
  #isDrained = false;
  #isClosed = false;
  #isListenerClosed = false;
  /** How long a client may take from its connect to its first stream, in ms. */
  #firstWait: number;

  constructor(server: AttachableServer, owner: ServerOwner) {
    this.server = server;
    this.#owner = owner;
    this.#firstWait = owner.timeouts.idle;
    this.#isTls = server instanceof TlsServer;
    this.#sweeper = new Sweeper(server, this.connections, owner, {
      idle: (connection) => this.#closeIdle(connection),
      stalled: (connection, kind) => this.#closeStalled(connection, kind),
      stuck: (connection, kind, item) => this.#resetStuck(connection, kind, item),
    });
    this.#sendWatch = new StillWatch<Connection>(
      {
        items: this.connections,
        isWaiting: (connection) => connection.isSending && !connection.upgraded,
        position: (connection) => connection.sent,
        raw: (connection) => connection.raw,
        still: (connection) => this.#closeStalled(connection, "send"),
      },
      owner.timeouts.sendServing,
    );
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
    for (const session of http2Sessions(this.server)) this.#speaksHttp2(session, false);
    if (this.#isTls && !isHttp2(this.server)) return;
    // What speaks no HTTP has been taken over. A session that Node does not show is bounded in the same
    // way until its next stream.
    for (const connection of this.connections) {
      const isHttp1 = connection.socket !== undefined && speaking.has(connection.socket);
      connection.upgraded = !isHttp1 && connection.session === undefined;
    }
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

  // What the guard sees.

  connected(raw: Socket): void {
    this.accepted++;
    const connection = new Connection(raw, this);
    this.connections.add(connection);
    this.#sendWatch.wake();
    if (this.isStopping) connection.follow();
    if (this.#isTls) this.#sweeper.consider(connection);
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
    if (this.isStopping) this.#sweeper.consider(connection);
  }

  session(session: ServerHttp2Session): void {
    this.#speaksHttp2(session, true);
  }

  #speaksHttp2(session: ServerHttp2Session, isNew: boolean): void {
    const connection = connectionOf(rawSocket(session.socket));
    if (connection === undefined || connection.session !== undefined) return;
    connection.upgraded = false;
    connection.session = new Session(session, this.#sessionOwner(connection), isNew);
    if (this.isStopping) connection.session.leaveWhenQuiet(now(), this.#firstWait);
    if (this.#isListenerClosed) connection.session.leave(this.#firstWait);
  }

  #sessionOwner(connection: Connection): SessionOwner {
    return {
      streamEnded: (inFlight) => {
        if (this.isStopping) this.ended(connection, inFlight);
      },
      told: () => this.#sweeper.consider(connection),
    };
  }

  streamed(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const { session } = stream;
    // One that was there before the server was attached shows itself only now.
    if (session !== undefined && sessionOf(stream) === undefined) {
      this.#speaksHttp2(session as ServerHttp2Session, false);
    }
    sessionOf(stream)?.begin(stream, headers);
    const connection = session && connectionOf(rawSocket(session.socket));
    return this.#owner.probeStream(stream, headers)
      ? this.#probed(connection)
      : this.#visited(connection);
  }

  admits(req: IncomingMessage, res: ServerResponse): boolean {
    if (req.httpVersionMajor === 2) return this.#named(req as unknown as Http2ServerRequest);
    const connection = connectionOf(req.socket);
    if (connection === undefined) return true;
    if (this.isStopping && connection.saidClose) return this.#refuse(connection, req);
    bindResponse(req, res);
    connection.begin(req, res);
    if (this.isStopping) {
      this.#followToClose(connection);
      connection.announceClose();
      this.#sweeper.consider(connection);
    }
    return this.#owner.probe(req, res) ? this.#probed(connection) : this.#visited(connection);
  }

  /** It is neither run nor answered: the client was told, and may safely send it again elsewhere. */
  #refuse(connection: Connection, req: IncomingMessage): false {
    this.refused++;
    connection.refused = true;
    req.resume();
    return false;
  }

  /** Answered by lastcall itself; a connection whose only requests are such is a probe's. */
  #probed(connection: Connection | undefined): false {
    if (connection === undefined) return false;
    if (connection.visitor === "unknown") connection.visitor = "probe";
    const item = connection.inFlight.at(-1);
    if (item !== undefined) item.isProbe = true;
    return false;
  }

  /** The first request that is no probe makes a connection an arrival. */
  #visited(connection: Connection | undefined): true {
    if (this.isStopping) this.begun++;
    if (connection === undefined || connection.visitor === "client") return true;
    connection.visitor = "client";
    this.arrivals.add(now());
    return true;
  }

  /** The stream of it has been admitted before. */
  #named(req: Http2ServerRequest): true {
    sessionOf(req.stream)?.named(req);
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
    if (connection.visitor === "client") return;
    connection.visitor = "client";
    this.arrivals.add(now());
  }

  /**
   * The instant since which nobody came and nobody waits for an answer; infinite while somebody
   * waits, for who is answered comes again. A connection counts until it turns out to be a probe's.
   */
  get quietSince(): number {
    let since = Math.max(this.arrivals.last, this.#lastAnswer);
    for (const { inFlight, visitor, quietSince } of this.connections) {
      if (inFlight.some(({ isProbe }) => !isProbe)) return Number.POSITIVE_INFINITY;
      if (visitor === "unknown") since = Math.max(since, quietSince);
    }
    return since;
  }

  listening(): void {
    if (this.isStopping) return;
    // Nobody could come before.
    this.arrivals = new Arrivals(now());
    this.#owner.listening();
  }

  foreignClose(): void {
    this.#owner.foreignClose();
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
   * From now on every response of HTTP/1 says close, and every request is followed to its end. Sessions
   * of HTTP/2 are told one after the other until `lameDuckMin`, before any evidence can close the
   * listener, so that their clients do not all reconnect at once; the quiet ones first, the others at
   * their first quiet moment from then on.
   */
  begin(lameDuckMin: number): void {
    this.isStopping = true;
    for (const connection of this.connections) {
      if (connection.session !== undefined) continue;
      connection.follow();
      connection.announceClose();
      if (connection.inFlight.length > 0) this.#followToClose(connection);
    }
    spreadGoodbyes(this.#sessions, lameDuckMin, this.#firstWait);
    this.#sweeper.begin();
    this.#sendWatch.restart(this.#owner.timeouts.send);
    // A listen() that still looks up its host would bind after the drain (nodejs/node#51929).
    if (!this.server.listening) this.#closeListener();
  }

  get #sessions(): Session[] {
    const sessions = [...this.connections].map(({ session }) => session);
    return sessions.filter((session) => session !== undefined);
  }

  /** Closes the listener; sessions of HTTP/2 that had no quiet moment are told now. */
  stopAccepting(): void {
    this.#isListenerClosed = true;
    this.#sweeper.listenerClosed();
    this.#tellAll();
    if (this.server.listening) this.#closeListener();
    this.#closeSpare();
  }

  #tellAll(): void {
    for (const session of this.#sessions) session.leave(this.#firstWait);
  }

  /** `http.Server`'s own close would shoot idle connections and switch the timeouts off. */
  #closeListener(): void {
    net.Server.prototype.close.call(this.server);
  }

  /** Lets silent connections go without the usual wait: nobody is left to send on them. */
  hurry(): void {
    this.#firstWait = 0;
    this.#sweeper.hurry();
    if (this.#isListenerClosed) this.#tellAll();
  }

  /** Sessions whose every stream is answered, and whose client is still to close. */
  get #over(): number {
    return this.#sessions.filter(({ overSince }) => overSince !== undefined).length;
  }

  /** Destroys every connection; returns how many there were that were not answered to the end. */
  cut(): number {
    const count = this.connections.size - this.#spare.size - this.#over;
    for (const connection of [...this.connections]) connection.cut();
    return count;
  }

  /** Takes everything back. */
  release(): void {
    this.#sweeper.stop();
    this.#sendWatch.stop();
    this.#unguard?.();
    this.#unguard = undefined;
    for (const connection of this.connections) connection.release();
    this.connections.clear();
  }

  // What the connections tell.

  ended(connection: Connection, inFlight: InFlight): void {
    if (!inFlight.isProbe) this.#lastAnswer = now();
    this.#owner.ended(inFlight);
    if (connection.isQuiet) this.#sweeper.consider(connection);
  }

  closed(connection: Connection): void {
    this.connections.delete(connection);
    this.#spare.delete(connection);
    connection.release();
    this.#closeSpare();
    this.#settleWhenGone();
  }

  #followToClose(connection: Connection): void {
    lingerAfterLastResponse(connection, () => {
      if (!connection.isUnread) this.#spare.add(connection);
      this.#sweeper.consider(connection);
      this.#closeSpare();
    });
  }

  /** Closes what is spare once nothing else is open: a client's round trip is not waited for. */
  #closeSpare(): void {
    if (this.server.listening || this.#spare.size < this.connections.size) return;
    const spare = [...this.#spare];
    this.#spare.clear();
    for (const connection of spare) endLinger(connection);
  }

  #closeIdle(connection: Connection): void {
    this.idleClosed++;
    connection.destroy();
  }

  #closeStalled(connection: Connection, kind: StallReport["kind"]): void {
    const { socket } = connection;
    // Outside a drain nobody follows the exchanges; Node knows the one that owns the socket.
    const res = connection.exchanges[0]?.res ?? (socket && currentResponse(socket));
    // As Node answers its own request timeouts.
    if (kind !== "send" && !res?.headersSent) socket?.write(REQUEST_TIMEOUT);
    this.#tellStall(connection, kind, res?.req ?? connection.inFlight[0]?.req);
    connection.destroy();
  }

  #resetStuck(connection: Connection, kind: StallReport["kind"], item: StreamInFlight): void {
    this.#tellStall(connection, kind, item.req);
    connection.session?.reset(item);
  }

  #tellStall(
    connection: Connection,
    kind: StallReport["kind"],
    req: InFlight["req"] | undefined,
  ): void {
    this.#owner.stalled({
      kind,
      remote: connection.remote,
      ...(req && { method: req.method ?? "", route: routeOf(req) }),
    });
  }
}
