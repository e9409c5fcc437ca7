import { now } from "../../clock.js";
import { Arrivals } from "./arrivals.js";
import type { Connection } from "../connection/connection.js";
import { remoteOf } from "../connection/remote.js";
import type { InFlight } from "../connection/in-flight.js";
import type { Arrival, Visited } from "./lame-duck.js";

/** So many arrivals are remembered with their address. */
const MOST_LATEST = 32;

/** Which clients come to one server, and since when none does. */
export class Visits implements Visited {
  /** New connections of clients; a probe's is none. */
  arrivals: Arrivals = new Arrivals(now());
  /** Their requests. */
  requests: Arrivals = new Arrivals(now());
  /** The last of them since the lame duck began. */
  readonly latest: Arrival[] = [];
  isFollowed = false;
  readonly #connections: ReadonlySet<Connection>;
  #lastAnswer = 0;

  constructor(connections: ReadonlySet<Connection>) {
    this.#connections = connections;
  }

  /** The server listens from now on: no client could come before. */
  restart(): void {
    this.arrivals = new Arrivals(now());
    this.requests = new Arrivals(now());
  }

  /** Answered by lastcall itself; a connection whose only requests are such is a probe's. */
  probed(connection: Connection | undefined): void {
    if (connection?.visitor === "unknown") connection.visitor = "probe";
  }

  /** The first request that is no probe, or an upgrade, makes a connection an arrival. */
  came(connection: Connection | undefined, instant: number): void {
    this.requests.add(instant);
    if (connection === undefined || connection.visitor === "client") return;
    connection.visitor = "client";
    this.arrivals.add(instant);
    if (!this.isFollowed) return;
    this.latest.push({ at: instant, remote: remoteOf(connection) });
    if (this.latest.length > MOST_LATEST) this.latest.shift();
  }

  /** A client other than a probe has been answered, or is gone. */
  answered(): void {
    this.#lastAnswer = now();
  }

  /**
   * The instant since which no client came and none waits for an answer; infinite while one
   * waits, for a client that is answered comes again: an endless stream is not answered. A connection counts until it turns out to be a probe's.
   */
  get quietSince(): number {
    let since = Math.max(this.arrivals.last, this.#lastAnswer);
    for (const { inFlight, visitor, quietSince } of this.#connections) {
      if (inFlight.some(isWaiting)) return Number.POSITIVE_INFINITY;
      if (visitor === "unknown") since = Math.max(since, quietSince);
    }
    return since;
  }
}

function isWaiting({ isProbe, isLongLived }: InFlight): boolean {
  return !isProbe && !isLongLived;
}
