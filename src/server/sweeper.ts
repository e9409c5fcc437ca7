import type { Server, Socket } from "node:net";

import { Alarm, now } from "../clock.js";
import type { Timeouts } from "../options.js";
import type { Connection } from "./connection.js";
import { LONGEST_LINGER } from "./linger.js";
import { receivingSockets } from "./node-internals.js";
import { Pace } from "./pace.js";
import { waitsFor, type Session, type StreamInFlight } from "./session.js";

/** What the sweeper decides about a connection. */
export interface Sweep {
  idle(connection: Connection): void;
  stalled(connection: Connection, kind: "head" | "body"): void;
  /** One stream of an HTTP/2 session stands still; the others need not suffer. */
  stuck(connection: Connection, kind: "body" | "send", item: StreamInFlight): void;
}

/**
 * How long a client may keep its connection after GOAWAY, its last response and our FIN, in ms. Node's
 * session is gone by then, and nothing else would ever close the socket.
 */
const LONGEST_GOODBYE = 500;

const NEVER = Number.POSITIVE_INFINITY;

/** How often an upload that nobody needs any more is looked at, in ms. */
const UPLOAD_LOOK = 250;

/** Judging costs about a microsecond; more of it in one turn would be felt on the event loop. */
const MOST_PER_TURN = 1_000;

/** A look at all connections costs its time, and is followed by this many times as much without one. */
const REST = 10;

/**
 * Closes, during a drain, the connections that would hold it for nothing: the silent ones once the
 * listener is closed, and those that stand still in the middle of a head or a body. Node's own
 * timers for that are too long for any budget, or do not exist.
 *
 * One alarm serves all connections: it rings when the first of them can be due and is set again from
 * what that look has found. Silent connections then leave one after the other.
 */
export class Sweeper {
  readonly #server: Server;
  readonly #connections: ReadonlySet<Connection>;
  readonly #timeouts: Timeouts;
  readonly #sweep: Sweep;
  readonly #alarm = new Alarm((instant) => this.#look(instant));
  readonly #leaving = new Pace<Connection>((batch, instant) => {
    this.#closeSilent(batch, instant);
  });
  #spread: number;
  #begunAt = NEVER;
  #restsUntil = 0;
  /** Those that the look under way has not come to. */
  #round: Iterator<Connection> | undefined;
  #roundCost = 0;
  /** The earliest instant at which one of those that it has come to can be due. */
  #next = NEVER;
  #isListenerClosed = false;
  #isHurried = false;
  #idleLinger: number;

  constructor(
    server: Server,
    connections: ReadonlySet<Connection>,
    { timeouts, spread }: { timeouts: Timeouts; spread: number },
    sweep: Sweep,
  ) {
    this.#server = server;
    this.#connections = connections;
    this.#timeouts = timeouts;
    this.#idleLinger = timeouts.idle;
    this.#spread = spread;
    this.#sweep = sweep;
  }

  begin(): void {
    this.#begunAt = now();
    this.#look(this.#begunAt);
  }

  listenerClosed(): void {
    this.#isListenerClosed = true;
    const instant = now();
    const first = Math.max(instant, this.#begunAt + this.#idleLinger);
    this.#leaving.begin(first + this.#spread);
    this.#lookNow();
  }

  /** From now on a silent connection is closed as soon as it is seen to be silent. */
  hurry(): void {
    this.#isHurried = true;
    this.#idleLinger = 0;
    this.#spread = 0;
    if (this.#isListenerClosed) this.#leaving.begin(now());
    this.#lookNow();
  }

  /** Something has changed on a connection; looks at it no later than it can be due. */
  consider(connection: Connection): void {
    if (this.#begunAt === NEVER) return;
    const instant = now();
    this.#lookAt(this.#soonest(connection, instant));
  }

  /** On a busy server with many connections somebody is always due; that must not be all it does. */
  #lookAt(instant: number): void {
    // The look under way may have been there already, and the alarm rings for its next part first.
    if (this.#round !== undefined) this.#next = Math.min(this.#next, instant);
    this.#alarm.atLatest(Math.max(instant, this.#restsUntil));
  }

  /** Where it is known to be worth its cost. */
  #lookNow(): void {
    this.#restsUntil = 0;
    this.#alarm.atLatest(now());
  }

  stop(): void {
    this.#alarm.clear();
    this.#leaving.stop();
  }

  /** The earliest instant at which anything can be said about a connection that has just changed. */
  #soonest(connection: Connection, instant: number): number {
    if (connection.upgraded) return NEVER;
    if (connection.isUploading) return instant + UPLOAD_LOOK;
    if (connection.lingerSince !== undefined) return connection.lingerSince + LONGEST_LINGER;
    const { head, body, send } = this.#timeouts;
    if (connection.session !== undefined) return instant + Math.min(LONGEST_GOODBYE, body, send);
    if (!connection.isQuiet) return instant + body;
    const quiet = this.#isListenerClosed ? this.#quietEnd(connection) : NEVER;
    return Math.min(quiet, instant + head);
  }

  #quietEnd(connection: Connection): number {
    return Math.max(connection.quietSince, this.#begunAt) + this.#idleLinger;
  }

  /**
   * Looks at all connections, at as many in this turn as it bears, and judges by what had been read at
   * `instant`.
   */
  #look(instant: number): void {
    const begun = now();
    const receiving = receivingSockets(this.#server);
    this.#round ??= this.#connections.values();
    for (let count = 0; count < MOST_PER_TURN; count++) {
      const { value: connection, done = false } = this.#round.next();
      if (done) {
        this.#endRound(now() - begun);
        return;
      }
      this.#next = Math.min(this.#next, this.#judge(connection, instant, receiving));
    }
    this.#roundCost += now() - begun;
    this.#alarm.atLatest(now());
  }

  #endRound(cost: number): void {
    this.#restsUntil = now() + (this.#roundCost + cost) * REST;
    this.#lookAt(this.#next);
    this.#round = undefined;
    this.#roundCost = 0;
    this.#next = NEVER;
  }

  /** Those whose turn it is, unless something has come from them while they waited for it. */
  #closeSilent(batch: readonly Connection[], instant: number): void {
    const receiving = receivingSockets(this.#server);
    for (const connection of batch) {
      if (!this.#connections.has(connection)) continue;
      if (this.#isSilent(connection, receiving) && this.#quietEnd(connection) <= instant) {
        this.#sweep.idle(connection);
      } else {
        this.consider(connection);
      }
    }
  }

  #isSilent(connection: Connection, receiving: ReadonlySet<Socket> | undefined): boolean {
    const { upgraded, lingerSince, isQuiet, session } = connection;
    if (upgraded || lingerSince !== undefined || session !== undefined || !isQuiet) return false;
    return !hasBegunHead(connection, receiving);
  }

  /** Closes the connection when it is due; otherwise returns the instant at which it can be. */
  #judge(
    connection: Connection,
    instant: number,
    receiving: ReadonlySet<Socket> | undefined,
  ): number {
    if (connection.upgraded) return NEVER;
    if (connection.session !== undefined) {
      return this.#judgeSession(connection, connection.session, instant);
    }
    if (connection.lingerSince !== undefined) return this.#judgeLingering(connection, instant);
    if (!connection.isQuiet) return this.#judgeInFlight(connection, instant);
    if (hasBegunHead(connection, receiving)) return this.#judgeHead(connection, instant);
    if (!this.#isListenerClosed) return NEVER;
    const due = this.#quietEnd(connection);
    if (due > instant) return due;
    if (this.#leaving.letsGo(instant)) this.#sweep.idle(connection);
    else this.#leaving.add(connection);
    return NEVER;
  }

  #judgeLingering(connection: Connection, instant: number): number {
    const isMoving = connection.isUploading && !this.#isHurried;
    const still = isMoving ? connection.stillSince(instant) : 0;
    const due = Math.max(connection.lingerSince ?? instant, still) + LONGEST_LINGER;
    if (due > instant) return isMoving ? Math.min(due, instant + UPLOAD_LOOK) : due;
    connection.destroy();
    return NEVER;
  }

  /** When a session is told to leave is its own affair; here it is about those that do not go. */
  #judgeSession(connection: Connection, session: Session, instant: number): number {
    const still = connection.stillSince(instant);
    if (session.overSince !== undefined) {
      // What the application pushes is no request, and is finished all the same.
      if (!session.isDestroyed) session.overSince = instant;
      const due = session.overSince + LONGEST_GOODBYE;
      if (due <= instant) connection.destroy();
      return due > instant ? due : NEVER;
    }
    const dues = session.inFlight.map((item) =>
      this.#judgeStream(connection, item, still, instant),
    );
    return Math.min(NEVER, ...dues);
  }

  #judgeStream(
    connection: Connection,
    item: StreamInFlight,
    still: number,
    instant: number,
  ): number {
    const { body, send } = this.#timeouts;
    const kind = waitsFor(item);
    if (kind === undefined) {
      item.waitingSince = undefined;
      return instant + Math.min(body, send);
    }
    item.waitingSince ??= instant;
    const due = Math.max(still, item.waitingSince) + this.#timeouts[kind];
    if (due > instant) return due;
    this.#sweep.stuck(connection, kind, item);
    return NEVER;
  }

  #judgeHead(connection: Connection, instant: number): number {
    connection.headSince ??= instant;
    const due = connection.headSince + this.#timeouts.head;
    if (due > instant) return due;
    this.#sweep.stalled(connection, "head");
    return NEVER;
  }

  #judgeInFlight(connection: Connection, instant: number): number {
    const { body } = this.#timeouts;
    const still = connection.stillSince(instant);
    // A client that must read before anything can go on is the send watch's business.
    if (connection.isSending || !connection.isReceiving) return instant + body;
    const due = still + body;
    if (due > instant) return due;
    this.#sweep.stalled(connection, "body");
    return NEVER;
  }
}

/**
 * Whether part of a request has arrived on a connection without one in flight, or part of a TLS
 * handshake. A connection without a byte has begun nothing; one of which the runtime cannot tell is
 * given the benefit of the doubt.
 */
function hasBegunHead(connection: Connection, receiving: ReadonlySet<Socket> | undefined): boolean {
  const { socket, raw } = connection;
  if (socket === undefined) return raw.bytesRead > 0;
  return socket.bytesRead > 0 && (receiving?.has(socket) ?? true);
}
