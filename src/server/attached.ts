import https from "node:https";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import { Server as TlsServer } from "node:tls";
import net, { type Socket } from "node:net";

import { LastcallError, describe } from "../errors.js";
import type { Timeouts } from "../options.js";
import type { StallReport } from "../report.js";
import { routeOf } from "../request/route.js";
import { bindResponse } from "../request/signal.js";
import type { Acceptor } from "./accept-queue.js";
import { Connection, connectionOf, type ConnectionOwner, type InFlight } from "./connection.js";
import { guard, type Watcher } from "./guard.js";
import { endLinger, lingerAfterLastResponse } from "./linger.js";
import { acceptedSockets, currentResponse, httpSockets, rawSocket } from "./node-internals.js";
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
  listening(): void;
  ended(inFlight: InFlight): void;
  stalled(stall: StallReport): void;
  foreignClose(): void;
}

/**
 * One server in the service's care: its connections, and the steps of a drain that concern them. The
 * service decides when; this class knows how.
 */
export class AttachedServer implements Acceptor, Watcher, ConnectionOwner {
  readonly server: http.Server;
  readonly connections: Set<Connection> = new Set();
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
  #settle!: () => void;
  #unguard: (() => void) | undefined;
  #isDrained = false;
  #isClosed = false;

  constructor(server: http.Server, owner: ServerOwner) {
    this.server = server;
    this.#owner = owner;
    this.#isTls = server instanceof TlsServer;
    this.#sweeper = new Sweeper(server, this.connections, owner, {
      idle: (connection) => this.#closeIdle(connection),
      stalled: (connection, kind) => this.#closeStalled(connection, kind),
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
    const speaking = httpSockets(this.server);
    for (const socket of speaking) connectionOf(rawSocket(socket))?.speaksOn(socket);
    if (this.#isTls) return;
    for (const connection of this.connections) {
      connection.upgraded = !speaking.has(connection.raw);
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
    if (connection !== undefined) this.#speaks(connection, socket);
  }

  #speaks(connection: Connection, socket: Socket): void {
    connection.speaksOn(socket);
    if (this.isStopping) this.#sweeper.consider(connection);
  }

  admits(req: IncomingMessage, res: ServerResponse): boolean {
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
    if (this.#owner.probe(req, res)) return false;
    if (this.isStopping) this.begun++;
    return true;
  }

  /** It is neither run nor answered: the client was told, and may safely send it again elsewhere. */
  #refuse(connection: Connection, req: IncomingMessage): false {
    this.refused++;
    connection.refused = true;
    req.resume();
    return false;
  }

  upgraded(socket: Socket): void {
    const connection = connectionOf(socket);
    if (connection !== undefined) connection.upgraded = true;
  }

  listening(): void {
    if (!this.isStopping) this.#owner.listening();
  }

  foreignClose(): void {
    this.#owner.foreignClose();
  }

  /**
   * Node's `close` event. After a drain it comes from `net.Server`'s close; `http.Server`'s own must
   * still run, because it stops the interval that checks for timeouts, and it emits `close` again.
   */
  drained(): boolean {
    if (!this.isStopping) return true;
    if (!this.#isDrained) {
      this.#isDrained = true;
      http.Server.prototype.close.call(this.server);
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

  /** From now on every response says close, and every request is followed to its end. */
  begin(): void {
    this.isStopping = true;
    for (const connection of this.connections) {
      connection.follow();
      connection.announceClose();
      if (connection.inFlight.length > 0) this.#followToClose(connection);
    }
    this.#sweeper.begin();
    this.#sendWatch.restart(this.#owner.timeouts.send);
    // A listen() that still looks up its host would bind after the drain (nodejs/node#51929).
    if (!this.server.listening) this.#closeListener();
  }

  /** Closes the listener, and nothing else. */
  stopAccepting(): void {
    this.#sweeper.listenerClosed();
    if (this.server.listening) this.#closeListener();
    this.#closeSpare();
  }

  /** `http.Server`'s own close would shoot idle connections and switch the timeouts off. */
  #closeListener(): void {
    net.Server.prototype.close.call(this.server);
  }

  /** Lets silent connections go without the usual wait: nobody is left to send on them. */
  hurry(): void {
    this.#sweeper.hurry();
  }

  /** Destroys every connection; returns how many there were that were not answered to the end. */
  cut(): number {
    const count = this.connections.size - this.#spare.size;
    for (const connection of [...this.connections]) connection.destroy();
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
    this.#owner.ended(inFlight);
    if (connection.inFlight.length === 0) this.#sweeper.consider(connection);
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
    const res = connection.inFlight[0]?.res ?? (socket && currentResponse(socket));
    // As Node answers its own request timeouts.
    if (kind !== "send" && !res?.headersSent) socket?.write(REQUEST_TIMEOUT);
    this.#owner.stalled({
      kind,
      remote: connection.remote,
      ...(res && { method: res.req.method ?? "", route: routeOf(res.req) }),
    });
    connection.destroy();
  }
}

/** @throws {LastcallError} `ERR_LASTCALL_SERVER` for what cannot be taken into care. */
export function checkServer(server: unknown): void {
  if (!(server instanceof http.Server || server instanceof https.Server)) {
    throw new LastcallError(
      "ERR_LASTCALL_SERVER",
      `Expected the server of node:http or node:https, got ${describe(server)}`,
    );
  }
  if (process.versions["bun"] !== undefined) {
    throw new LastcallError(
      "ERR_LASTCALL_SERVER",
      "Bun's HTTP server cannot stop accepting without destroying connections; lastcall needs Node",
    );
  }
}
