import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  Http2ServerRequest,
  Http2ServerResponse,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";

import { now } from "../clock.js";
import type { Fence } from "../fence.js";
import type { Probes } from "../probes/probes.js";
import { isHttp2, isTls, type AttachableServer } from "./attachable.js";
import { Connection, connectionOf, type ConnectionOwner } from "./connection/connection.js";
import type { InFlight } from "./connection/in-flight.js";
import type { ClientWatcher } from "./guard.js";
import { Visits } from "./lame-duck/visits.js";
import type { Listener } from "./listener/listener.js";
import type { RequestHead } from "./long-lived/event-source.js";
import { acceptedSockets, http2Sessions, httpSockets, rawSocket } from "./node-internals.js";
import type { Protocols } from "./protocols.js";

/** What {@link Reception} needs of its service, and tells it. */
export interface ReceptionOwner {
  readonly fence: Fence;
  /** Those that are answered here. */
  readonly probes: Pick<Probes, "find"> | undefined;
  ended(inFlight: InFlight): void;
  /** A socket is closed, or belongs to other code from now on. */
  socketGone(socket: Socket): void;
}

/** Of one server, and what it tells that. */
export interface Received {
  readonly server: AttachableServer;
  readonly connections: Set<Connection>;
  readonly listener: Listener;
  readonly protocols: Protocols;
  /** One more connection has come. */
  came(): void;
  /** One is gone. */
  went(): void;
}

/** What comes to one server, seen before the application sees it, and its end. */
export class Reception implements ClientWatcher, ConnectionOwner {
  /** Connections accepted since the server was attached. */
  accepted = 0;
  /** Requests begun since the drain did. */
  begun = 0;
  /** Which clients come, and since when none does. */
  readonly visits: Visits;
  readonly fence: Fence;
  readonly #of: Received;
  readonly #owner: ReceptionOwner;
  readonly #isTls: boolean;

  constructor(received: Received, owner: ReceptionOwner) {
    this.#of = received;
    this.#owner = owner;
    this.fence = owner.fence;
    this.visits = new Visits(received.connections);
    this.#isTls = isTls(received.server);
  }

  get #isStopping(): boolean {
    return this.#of.listener.isStopping;
  }

  /** Finds the connections of a server that has been serving before it was attached. */
  adopt(): void {
    const { server, connections, protocols } = this.#of;
    for (const raw of acceptedSockets(server)) this.connected(raw);
    // They came before the count began; a request of theirs is no arrival.
    for (const connection of connections) connection.visitor = "client";
    const speaking = httpSockets(server);
    for (const socket of speaking) connectionOf(rawSocket(socket))?.speaksOn(socket);
    for (const session of http2Sessions(server)) protocols.http2.speaks(session, false);
    if (this.#isTls && !isHttp2(server)) return;
    // What speaks no HTTP has been taken over. A session that Node does not show is bounded in the same
    // way until its next stream.
    for (const connection of connections) {
      const isHttp1 = connection.socket !== undefined && speaking.has(connection.socket);
      connection.upgraded = !isHttp1 && connection.session === undefined;
      if (connection.upgraded && !isHttp2(server)) protocols.takenOver.add(connection.raw);
    }
  }

  // What the guard sees.

  /** A connection has come, or a socket was emitted into this server that some server had before: it has one end. */
  connected(socket: Socket): void {
    const { connections, listener, protocols } = this.#of;
    const raw = rawSocket(socket);
    const known = connectionOf(raw);
    known?.leave();
    if (known === undefined) this.accepted++;
    listener.connected();
    this.#of.came();
    const connection = new Connection(raw, this);
    connections.add(connection);
    protocols.stalls.connected();
    if (this.#isStopping) connection.exchanges.followSoon();
    if (this.#isTls) protocols.stalls.consider(connection);
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
    if (this.#isStopping) this.#of.protocols.stalls.consider(connection);
  }

  session(session: ServerHttp2Session): void {
    this.#of.protocols.http2.speaks(session, true);
  }

  streamed(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const { ":method": method, ":path": url } = headers;
    const probe = this.#owner.probes?.find(method, url, { headers });
    const connection = this.#of.protocols.http2.begin(stream, headers, probe !== undefined);
    if (probe === undefined) return this.#came(connection, now());
    this.visits.probed(connection);
    return !probe.answerStream(stream);
  }

  admits(req: IncomingMessage, res: ServerResponse): boolean {
    const { http1, http2 } = this.#of.protocols;
    if (req.httpVersionMajor === 2) {
      http2.named(req as unknown as Http2ServerRequest, res as unknown as Http2ServerResponse);
      return true;
    }
    const connection = connectionOf(req.socket);
    if (connection === undefined) return true;
    const probe = this.#owner.probes?.find(req.method, req.url, req);
    if (connection.exchanges.knows(res)) return probe?.answer(res) !== true;
    if (!http1.takes(connection, req, res, probe !== undefined)) return false;
    if (probe === undefined) return this.#came(connection, connection.exchanges.startedAt);
    this.visits.probed(connection);
    return !probe.answer(res);
  }

  /** The application is to see what has come. */
  #came(connection: Connection | undefined, instant: number): boolean {
    if (this.#isStopping) this.#begins(connection?.inFlight.at(-1));
    this.visits.came(connection, instant);
    return true;
  }

  #begins(item: InFlight | undefined): void {
    this.begun++;
    if (item !== undefined) this.#of.protocols.longLived.add(item, headOf(item));
  }

  broken(socket: Socket): void {
    connectionOf(socket)?.exchanges.broken();
  }

  unknownProtocol(socket: Socket): void {
    // Without a listener Node turns the client away.
    if (this.#of.server.listenerCount("unknownProtocol") > 0) this.upgraded(socket);
  }

  upgraded(socket: Socket, req?: IncomingMessage): void {
    const connection = connectionOf(socket);
    if (connection === undefined) return;
    connection.upgraded = true;
    this.#of.protocols.takenOver.add(socket, req?.headers.upgrade);
    this.visits.came(connection, now());
  }

  // What the connections tell.

  followed(connection: Connection): void {
    this.#of.protocols.http1.followed(connection);
  }

  lastSent(connection: Connection): void {
    this.#of.protocols.http1.lastSent(connection);
  }

  ended(connection: Connection, inFlight: InFlight): void {
    const { longLived, stalls } = this.#of.protocols;
    longLived.delete(inFlight);
    if (!inFlight.isProbe) this.visits.answered();
    this.#owner.ended(inFlight);
    if (connection.isQuiet) stalls.consider(connection);
  }

  closed(connection: Connection): void {
    const { connections, protocols } = this.#of;
    connections.delete(connection);
    const socket = connection.socket ?? connection.raw;
    protocols.takenOver.delete(socket);
    this.#owner.socketGone(socket);
    try {
      connection.release();
      protocols.http1.closed(connection);
    } finally {
      this.#of.went();
    }
  }
}

/** Every request has its head, whichever API it came through. */
export function headOf({ req }: InFlight): RequestHead {
  return req as RequestHead;
}
