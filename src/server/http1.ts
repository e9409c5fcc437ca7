import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "node:net";

import { bindResponse } from "../request/signal.js";
import type { Connection } from "./connection.js";
import { endLinger, lingerAfterLastResponse } from "./linger.js";
import type { Stalls } from "./stalls.js";

/**
 * HTTP/1 on one server: which requests are taken during a drain, and how a connection ends after the last
 * of them.
 */
export class Http1 {
  /** Requests that were not executed because they came after a response that said close. */
  refused = 0;
  readonly #server: Server;
  readonly #connections: ReadonlySet<Connection>;
  readonly #stalls: Stalls;
  /** Answered to the end, and open only in case their client still sends: they hold no drain. */
  readonly #spare = new Set<Connection>();
  #isStopping = false;

  constructor(server: Server, connections: ReadonlySet<Connection>, stalls: Stalls) {
    this.#server = server;
    this.#connections = connections;
    this.#stalls = stalls;
  }

  /** From now on every response says close, and every request is followed to its end. */
  begin(): void {
    this.#isStopping = true;
    for (const connection of this.#connections) {
      if (connection.session !== undefined) continue;
      connection.follow();
      connection.announceClose();
      if (connection.inFlight.length > 0) this.#followToClose(connection);
    }
  }

  /** A request has begun. False when it is not taken. */
  takes(connection: Connection, req: IncomingMessage, res: ServerResponse): boolean {
    if (this.#isStopping && connection.saidClose) {
      this.#refuse(connection, req);
      return false;
    }
    bindResponse(req, res);
    connection.begin(req, res);
    if (this.#isStopping) {
      this.#followToClose(connection);
      connection.announceClose();
      this.#stalls.consider(connection);
    }
    return true;
  }

  /** It is neither run nor answered: the client was told, and may safely send it again elsewhere. */
  #refuse(connection: Connection, req: IncomingMessage): void {
    this.refused++;
    connection.refused = true;
    req.resume();
  }

  #followToClose(connection: Connection): void {
    lingerAfterLastResponse(connection, () => {
      if (!connection.isUnread) this.#spare.add(connection);
      this.#stalls.consider(connection);
      this.closeSpare();
    });
  }

  /** How many connections are answered to the end. */
  get spare(): number {
    return this.#spare.size;
  }

  /** Closes what is spare once nothing else is open: a client's round trip is not waited for. */
  closeSpare(): void {
    if (this.#server.listening || this.#spare.size < this.#connections.size) return;
    const spare = [...this.#spare];
    this.#spare.clear();
    for (const connection of spare) endLinger(connection);
  }

  /** A connection is gone. */
  closed(connection: Connection): void {
    this.#spare.delete(connection);
    this.closeSpare();
  }
}
