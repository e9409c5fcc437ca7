import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  Http2ServerRequest,
  Http2ServerResponse,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from "node:http2";
import net, { type Socket } from "node:net";

import { nextCheckPhase, now } from "../clock.js";
import type { Fence } from "../fence.js";
import type { Timeouts } from "../options/settings.js";
import type { Probes } from "../probes/probes.js";
import type { StallReport } from "../report.js";
import type { Acceptor } from "./listener/accept-queue.js";
import { closeOfItsOwn, isHttp2, isListening, isTls, type AttachableServer } from "./attachable.js";
import { Connection, connectionOf, type ConnectionOwner } from "./connection/connection.js";
import type { Goodbyes } from "./goodbyes/goodbyes.js";
import { guard, type Watcher } from "./guard.js";
import { Http1 } from "./http1/http1.js";
import { Http2 } from "./http2/http2.js";
import type { InFlight } from "./connection/in-flight.js";
import { acceptedSockets, http2Sessions, httpSockets, rawSocket } from "./node-internals.js";
import type { RequestHead } from "./long-lived/event-source.js";
import { LongLived, type IsLongLived } from "./long-lived/long-lived.js";
import { SentAway } from "./connection/sent-away.js";
import { Stalls } from "./stalls/stalls.js";
import { TakenOver } from "./upgraded/taken-over.js";
import { Visits } from "./lame-duck/visits.js";

/** To follow a request costs some twenty microseconds; more of them in one turn would stall the event loop. */
const MOST_PER_TURN = 50;

/** What an attached server tells the service, and asks it. */
export interface ServerOwner {
  readonly fence: Fence;
  /** False: another server hands it its connections. */
  readonly listens: boolean;
  readonly timeouts: Timeouts;
  /** How long silent connections may take to leave after the listener closed, in milliseconds. */
  readonly closeSpread: number;
  /** Whether requests are to be found from whatever their handlers call. */
  readonly currentSignal: boolean;
  /** What the application says of a request. */
  readonly isLongLived: IsLongLived | undefined;
  /** Those that are answered here. */
  readonly probes: Pick<Probes, "find"> | undefined;
  /** Whether a server that was stopped may be used on. */
  isGivenBack(): boolean;
  /** It has begun, or is about, to serve. */
  came(server: AttachedServer): void;
  /** It serves no longer: its owner closed it, or it could not listen. It may come back. */
  went(): void;
  /** Nor has it a connection left. */
  gone(server: AttachedServer): void;
  ended(inFlight: InFlight): void;
  stalled(stall: StallReport): void;
  /** A socket is closed, or belongs to other code from now on. */
  socketGone(socket: Socket): void;
  /** `listen()` was called after the drain began, and binds nothing. */
  toldToListen(): void;
  /** `close()` is called, by whatever code. */
  beforeClose(): void;
  foreignClose(): void;
  /** Other code destroys connections; `inFlight`: how many have a request whose answer is not whole. */
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
  /** Which clients come, and since when none does. */
  readonly visits: Visits = new Visits(this.connections);
  /** Connections accepted since the server was attached. */
  accepted = 0;
  /** Requests begun since the drain did. */
  begun = 0;
  isStopping = false;
  /** Resolves when what was in flight at the drain's start is known; never rejects. */
  known: Promise<void> = Promise.resolve();
  /** Resolves when the listener and every connection are closed. */
  readonly settled: Promise<void>;
  readonly #owner: ServerOwner;
  readonly #isTls: boolean;
  readonly #stalls: Stalls;
  readonly #http1: Http1;
  readonly #http2: Http2;
  readonly #takenOver: TakenOver;
  readonly #longLived: LongLived;
  readonly #sentAway: SentAway;
  #settle!: () => void;
  #unguard: (() => void) | undefined;
  /** Its owner closed it, or it could not listen; until it is told to listen again. */
  #isOut = false;
  /** It does not listen, and was handed a connection. */
  #isFed = false;
  #isDrained = false;
  #isClosed = false;

  constructor(server: AttachableServer, owner: ServerOwner) {
    this.server = server;
    this.#owner = owner;
    this.#isFed = !owner.listens;
    this.#isTls = isTls(server);
    this.#stalls = new Stalls(server, this.connections, owner);
    this.#http1 = new Http1(server, this.connections, this.#stalls, owner.fence);
    this.#http2 = new Http2(this.connections, owner.timeouts.idle, {
      fence: owner.fence,
      ended: (connection, inFlight) => this.ended(connection, inFlight),
      told: (connection) => this.#stalls.consider(connection),
    });
    this.#takenOver = new TakenOver(owner.timeouts, owner.fence);
    this.#longLived = new LongLived(owner.isLongLived, this.#takenOver, owner.fence);
    this.#sentAway = new SentAway(server, this.connections);
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#unguard = guard(server, this);
    if (isListening(server)) {
      owner.fence.askNode("connections before attach", () => this.#adopt(), undefined);
    }
  }

  /** Finds the connections of a server that has been serving before it was attached. */
  #adopt(): void {
    for (const raw of acceptedSockets(this.server)) this.connected(raw);
    // They came before the count began; a request of theirs is no arrival.
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
      if (connection.upgraded && !isHttp2(this.server)) this.#takenOver.add(connection.raw);
    }
  }

  get fence(): Fence {
    return this.#owner.fence;
  }

  get isRefusing(): boolean {
    return this.isStopping && !this.#owner.isGivenBack();
  }

  get isAmbient(): boolean {
    return this.#owner.currentSignal;
  }

  get isListening(): boolean {
    return isListening(this.server);
  }

  /** Whether it is there for its clients: it listens, or is handed connections by another server. */
  get isServing(): boolean {
    return this.isListening || this.#isFed;
  }

  /** Whether it is to listen and does not yet. */
  get isAwaited(): boolean {
    return !this.isServing && !this.#isOut;
  }

  get inFlight(): readonly InFlight[] {
    return [...this.connections].flatMap((connection) => connection.inFlight);
  }

  /** How many requests there are, also those that are not known yet, and connections taken over by `upgrade` or `CONNECT`. */
  count(): { inFlight: number; upgraded: number } {
    let [inFlight, upgraded] = [0, 0];
    for (const connection of this.connections) {
      inFlight += connection.inFlightCount;
      if (connection.upgraded) upgraded++;
    }
    return { inFlight, upgraded };
  }

  /** Requests that were not executed because they came after a response that said close. */
  get refused(): number {
    return this.#http1.refused;
  }

  /** Silent connections that the drain closed. */
  get idleClosed(): number {
    return this.#stalls.idleClosed;
  }

  /** Connections that were taken over, and ended by the drain in a protocol that it does not know. */
  get upgradedEnded(): number {
    return this.#takenOver.ended;
  }

  /** Long-lived requests that the drain has let go. */
  get letGo(): number {
    return this.#longLived.letGoCount;
  }

  // What the guard sees.

  /** A connection has come, or a socket was emitted into this server that some server had before: it has one end. */
  connected(socket: Socket): void {
    const raw = rawSocket(socket);
    const known = connectionOf(raw);
    known?.leave();
    if (known === undefined) this.accepted++;
    if (!this.isListening && !this.#isFed && !this.isStopping) this.#feed();
    this.#sentAway.came();
    const connection = new Connection(raw, this);
    this.connections.add(connection);
    this.#stalls.connected();
    if (this.isStopping) connection.followSoon();
    if (this.#isTls) this.#stalls.consider(connection);
    else this.#speaks(connection, socket);
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
    const { ":method": method, ":path": url } = headers;
    const probe = this.#owner.probes?.find(method, url, { headers });
    const connection = this.#http2.begin(stream, headers, probe !== undefined);
    if (probe === undefined) return this.#came(connection, now());
    this.visits.probed(connection);
    return !probe.answerStream(stream);
  }

  admits(req: IncomingMessage, res: ServerResponse): boolean {
    if (req.httpVersionMajor === 2) {
      this.#http2.named(
        req as unknown as Http2ServerRequest,
        res as unknown as Http2ServerResponse,
      );
      return true;
    }
    const connection = connectionOf(req.socket);
    if (connection === undefined) return true;
    const probe = this.#owner.probes?.find(req.method, req.url, req);
    if (connection.knows(res)) return probe?.answer(res) !== true;
    if (!this.#http1.takes(connection, req, res, probe !== undefined)) return false;
    if (probe === undefined) return this.#came(connection, connection.startedAt);
    this.visits.probed(connection);
    return !probe.answer(res);
  }

  /** The application is to see what has come. */
  #came(connection: Connection | undefined, instant: number): boolean {
    if (this.isStopping) this.#begins(connection?.inFlight.at(-1));
    this.visits.came(connection, instant);
    return true;
  }

  #begins(item: InFlight | undefined): void {
    this.begun++;
    if (item !== undefined) this.#longLived.add(item, headOf(item));
  }

  broken(socket: Socket): void {
    connectionOf(socket)?.broken();
  }

  unknownProtocol(socket: Socket): void {
    // Without a listener Node turns the client away.
    if (this.server.listenerCount("unknownProtocol") > 0) this.upgraded(socket);
  }

  upgraded(socket: Socket, req?: IncomingMessage): void {
    const connection = connectionOf(socket);
    if (connection === undefined) return;
    connection.upgraded = true;
    this.#takenOver.add(socket, req?.headers.upgrade);
    this.visits.came(connection, now());
  }

  /** A net server, say, that looks at the first byte hands it its connections. */
  #feed(): void {
    this.#isFed = true;
    this.#owner.came(this);
  }

  listens(): void {
    this.#isOut = false;
    this.#owner.came(this);
  }

  listening(): void {
    if (this.isStopping) return;
    this.#isOut = false;
    this.visits.restart();
    this.#owner.came(this);
  }

  failed(): void {
    if (!this.isListening && !this.#isFed) this.closes();
  }

  closes(): void {
    if (this.isStopping) return;
    this.#isOut = true;
    this.#isFed = false;
    this.#owner.went();
    this.#letGoWhenGone();
  }

  /** Those who are still served are drained with it, if it comes to that. */
  #letGoWhenGone(): void {
    if (!this.#isOut || this.isStopping || this.connections.size > 0) return;
    this.#stalls.rest();
    this.#owner.gone(this);
  }

  toldToListen(): void {
    this.#owner.toldToListen();
  }

  beforeClose(): void {
    this.#owner.beforeClose();
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
    if (!this.isStopping) {
      this.closes();
      return true;
    }
    if (!this.#isDrained) {
      this.#isDrained = true;
      const close = (): unknown => closeOfItsOwn(this.server).call(this.server) ?? true;
      // Where it throws, this is the only `close` event there is going to be.
      if (this.fence.ask("close of a server", close, false) !== false) return false;
    }
    this.#isClosed = true;
    this.#settleWhenGone();
    return true;
  }

  /** Node's `close` event comes a turn before the last socket's own: a destroyed one counts till then. */
  #settleWhenGone(): void {
    if (this.#isShut && this.connections.size === 0) this.#settle();
  }

  /** Node's own event waits for the sockets too that other processes have. */
  get #isShut(): boolean {
    if (this.#isClosed) return true;
    return this.isStopping && this.#sentAway.isUsed && !isListening(this.server);
  }

  // The steps of a drain, in their order.

  /**
   * From now on every response of HTTP/1 says close, and sessions of HTTP/2 are told until `lameDuckMin`,
   * before any evidence can close the listener.
   */
  begin(lameDuckMin: number): void {
    const { fence } = this;
    this.isStopping = true;
    fence.attempt("forget what was sent away", () => this.#sentAway.watch());
    const busy = this.#http1.begin();
    this.known = this.#find(busy);
    fence.attempt("spread goodbyes", () => this.#http2.spreadGoodbyes(lameDuckMin));
    fence.attempt("watch for stalls", () => this.#stalls.begin());
    // A listen() that still looks up its host would bind after the drain (nodejs/node#51929).
    if (!isListening(this.server)) this.#closeListener();
  }

  /** Follows what is in flight, and tells what of it is long-lived, in as many turns as that needs. */
  async #find(busy: readonly Connection[]): Promise<void> {
    const begunAt = now();
    const sessions = [...this.connections].filter(({ session }) => session !== undefined);
    let count = 0;
    for (const { inFlight } of [...sessions, ...busy]) {
      for (const item of [...inFlight]) {
        this.fence.attempt("find long-lived requests", () => {
          // Those that have begun since are known already.
          if (item.startedAt < begunAt) this.#longLived.add(item, headOf(item));
        });
        if (++count % MOST_PER_TURN === 0) await nextCheckPhase();
      }
    }
  }

  /** Closes the listener; sessions of HTTP/2 that had no quiet moment are told now. */
  stopAccepting(): void {
    const { fence } = this;
    fence.attempt("let silent connections go", () => this.#stalls.listenerClosed());
    fence.attempt("tell sessions", () => this.#http2.listenerClosed());
    if (isListening(this.server)) this.#closeListener();
    this.#http1.closeSpare();
    fence.attempt("watch what was sent away", () => this.#sentAway.watch());
    this.#settleWhenGone();
  }

  /** `http.Server`'s own close would shoot idle connections and switch the timeouts off. */
  #closeListener(): void {
    try {
      net.Server.prototype.close.call(this.server);
    } catch (thrown) {
      this.fence.failed("close the listener", thrown);
      // There is going to be no event, and the rest of the drain need not wait for it.
      this.#isDrained = true;
      this.#isClosed = true;
      this.#settleWhenGone();
    }
  }

  /** Registers how those are let go that were taken over, where the application has not. */
  async sayGoodbyes(goodbyes: Goodbyes): Promise<void> {
    await this.#longLived.letGo(goodbyes);
    await this.#takenOver.letGo(goodbyes);
  }

  /** No silent connection is closed before `instant`. */
  keepIdle(instant: number): void {
    this.#stalls.keepIdle(instant);
  }

  /** Lets silent connections go without the usual wait: no client is left to send on them. */
  hurry(): void {
    const { fence } = this;
    this.#takenOver.hurry();
    fence.attempt("hurry silent connections", () => this.#stalls.hurry());
    fence.attempt("hurry sessions", () => this.#http2.hurry());
  }

  /** Destroys every connection; returns how many there were that were not answered to the end. */
  cut(): number {
    const count = this.connections.size - this.#http1.spare - this.#http2.over;
    for (const connection of [...this.connections]) {
      this.fence.attempt("cut a connection", () => connection.cut());
    }
    return count;
  }

  /** The drain has begun after it was let go: it binds nothing any more. */
  refuse(): void {
    this.isStopping = true;
  }

  /** Takes everything back. */
  release(): void {
    const { fence } = this;
    this.#stalls.stop();
    this.#sentAway.stop();
    const takeBack = (): void => {
      this.#unguard?.();
      this.#http1.release();
    };
    fence.ask("methods of a server", takeBack, undefined);
    this.#unguard = undefined;
    fence.attempt("release sockets", () => this.#takenOver.release());
    for (const connection of this.connections) {
      fence.attempt("release a connection", () => connection.release());
    }
    this.connections.clear();
  }

  // What the connections tell.

  followed(connection: Connection): void {
    this.#http1.followed(connection);
  }

  lastSent(connection: Connection): void {
    this.#http1.lastSent(connection);
  }

  ended(connection: Connection, inFlight: InFlight): void {
    this.#longLived.delete(inFlight);
    if (!inFlight.isProbe) this.visits.answered();
    this.#owner.ended(inFlight);
    if (connection.isQuiet) this.#stalls.consider(connection);
  }

  closed(connection: Connection): void {
    this.connections.delete(connection);
    const socket = connection.socket ?? connection.raw;
    this.#takenOver.delete(socket);
    this.#owner.socketGone(socket);
    try {
      connection.release();
      this.#http1.closed(connection);
    } finally {
      this.#settleWhenGone();
      this.#letGoWhenGone();
    }
  }
}

/** Every request has its head, whichever API it came through. */
function headOf({ req }: InFlight): RequestHead {
  return req as RequestHead;
}
