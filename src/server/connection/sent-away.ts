import type { Server } from "node:net";

import { Alarm, now } from "../../clock.js";
import type { Connection } from "./connection.js";
import { isSentAway, usesWorkers } from "../node-internals.js";

/** How often the sockets are looked at during a drain, in ms. */
const LOOK = 50;

/** With fewer connections it is no loss to keep those that are gone. */
const LEAST = 64;

/**
 * The connections of one server whose sockets were sent to another process, as sticky sessions do: they are that process' from
 * then on. Node does not tell when it takes a socket's handle, so that it has to be looked for; servers that send none are not looked at.
 */
export class SentAway {
  readonly #server: Server;
  readonly #connections: ReadonlySet<Connection>;
  readonly #alarm = new Alarm(() => this.watch()).unref();
  #next = LEAST;

  constructor(server: Server, connections: ReadonlySet<Connection>) {
    this.#server = server;
    this.#connections = connections;
  }

  /** Whether there are any. */
  get isUsed(): boolean {
    return usesWorkers(this.#server);
  }

  /** One more connection has come. Looks at all of them when there are twice as many as the last time. */
  came(): void {
    if (this.#connections.size < this.#next || !this.isUsed) return;
    this.#look();
    this.#next = Math.max(LEAST, this.#connections.size * 2);
  }

  /** Looks now and then from now on. */
  watch(): void {
    if (!this.isUsed) return;
    this.#look();
    if (this.#connections.size > 0) this.#alarm.atLatest(now() + LOOK);
  }

  stop(): void {
    this.#alarm.clear();
  }

  #look(): void {
    for (const connection of [...this.#connections]) {
      if (isSentAway(connection.raw)) connection.leave();
    }
  }
}
