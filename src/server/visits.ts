import { now } from "../clock.js";
import { Arrivals } from "./arrivals.js";
import type { Connection } from "./connection.js";
import type { Visited } from "./lame-duck.js";

/** Who comes to one server, and since when nobody does. */
export class Visits implements Visited {
  /** New connections of clients; a probe's is none. */
  arrivals: Arrivals = new Arrivals(now());
  readonly #connections: ReadonlySet<Connection>;
  #lastAnswer = 0;

  constructor(connections: ReadonlySet<Connection>) {
    this.#connections = connections;
  }

  /** The server listens from now on: nobody could come before. */
  restart(): void {
    this.arrivals = new Arrivals(now());
  }

  /** Answered by lastcall itself; a connection whose only requests are such is a probe's. */
  probed(connection: Connection | undefined): void {
    if (connection === undefined) return;
    if (connection.visitor === "unknown") connection.visitor = "probe";
    const item = connection.inFlight.at(-1);
    if (item !== undefined) item.isProbe = true;
  }

  /** The first request that is no probe, or an upgrade, makes a connection an arrival. */
  came(connection: Connection | undefined): void {
    if (connection === undefined || connection.visitor === "client") return;
    connection.visitor = "client";
    this.arrivals.add(now());
  }

  /** Somebody other than a probe has been answered, or is gone. */
  answered(): void {
    this.#lastAnswer = now();
  }

  /**
   * The instant since which nobody came and nobody waits for an answer; infinite while somebody
   * waits, for who is answered comes again. A connection counts until it turns out to be a probe's.
   */
  get quietSince(): number {
    let since = Math.max(this.arrivals.last, this.#lastAnswer);
    for (const { inFlight, visitor, quietSince } of this.#connections) {
      if (inFlight.some(({ isProbe }) => !isProbe)) return Number.POSITIVE_INFINITY;
      if (visitor === "unknown") since = Math.max(since, quietSince);
    }
    return since;
  }
}
