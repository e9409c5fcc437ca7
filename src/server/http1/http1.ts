import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "node:net";

import type { Fence } from "../../fence.js";
import { bindResponse } from "../../request/signal.js";
import { isListening } from "../attachable.js";
import type { Connection } from "../connection/connection.js";
import { endLinger, linger, lingerAfterLastResponse } from "./linger.js";
import type { Stalls } from "../stalls/stalls.js";
import { hasSaidClose, isUnread } from "./unread.js";

/** Emitted for a request that expects what is not `100-continue`. */
const EXPECTATION = "checkExpectation";

/** As Node answers where nothing listens (RFC 9110 §10.1.1). */
function failExpectation(_req: IncomingMessage, res: ServerResponse): void {
  res.writeHead(417);
  res.end();
}

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
  readonly #fence: Fence;
  /** Answered to the end, and open only in case their client still sends: they hold no drain. */
  readonly #spare = new Set<Connection>();
  #isStopping = false;

  constructor(server: Server, connections: ReadonlySet<Connection>, stalls: Stalls, fence: Fence) {
    this.#server = server;
    this.#fence = fence;
    this.#connections = connections;
    this.#stalls = stalls;
  }

  /**
   * From now on every response says close. Returns the connections with something in flight, which is to be followed soon. All
   * others are looked at in this turn too, so that a look must cost next to nothing.
   */
  begin(): Connection[] {
    this.#isStopping = true;
    // Where the application answers no expectations, Node does, and tells nothing of that request.
    if (this.#server.listenerCount(EXPECTATION) === 0)
      this.#server.on(EXPECTATION, failExpectation);
    const busy: Connection[] = [];
    for (const connection of this.#connections) {
      if (connection.session !== undefined) continue;
      if (connection.exchanges.followSoon()) busy.push(connection);
    }
    return busy;
  }

  /** What is in flight on a connection is followed from now on. */
  followed(connection: Connection): void {
    lingerAfterLastResponse(connection);
  }

  /** A request has begun. False when it is not taken. */
  takes(
    connection: Connection,
    req: IncomingMessage,
    res: ServerResponse,
    isProbe: boolean,
  ): boolean {
    if (this.#isStopping && hasSaidClose(connection)) {
      this.#refuse(connection, req);
      return false;
    }
    bindResponse(req, res);
    connection.exchanges.begin(req, res, isProbe);
    if (this.#isStopping) {
      lingerAfterLastResponse(connection);
      this.#stalls.consider(connection);
    }
    return true;
  }

  /** It is neither run nor answered: the client was told, and may safely send it again elsewhere. */
  #refuse(connection: Connection, req: IncomingMessage): void {
    this.refused++;
    (connection.lingering ??= {}).hasRefused = true;
    this.#fence.ask("refused request", () => req.resume(), req);
  }

  /** A connection's last response is sent. */
  lastSent(connection: Connection): void {
    this.#fence.attempt("linger", () => {
      linger(connection, this.#fence);
      if (!isUnread(connection)) this.#spare.add(connection);
      this.#stalls.consider(connection);
      this.closeSpare();
    });
  }

  /** Takes its listener back. */
  release(): void {
    this.#server.off(EXPECTATION, failExpectation);
  }

  /** How many connections are answered to the end. */
  get spare(): number {
    return this.#spare.size;
  }

  /** Closes what is spare once nothing else is open: a client's round trip is not waited for. */
  closeSpare(): void {
    if (isListening(this.#server) || this.#spare.size < this.#connections.size) return;
    const spare = [...this.#spare];
    this.#spare.clear();
    for (const connection of spare) endLinger(connection, this.#fence);
  }

  /** A connection is gone. */
  closed(connection: Connection): void {
    this.#spare.delete(connection);
    this.closeSpare();
  }
}
