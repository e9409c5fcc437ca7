import type { Server } from "node:net";

import { NEVER, now } from "../../clock.js";
import type { Fence } from "../../fence.js";
import type { Timeouts } from "../../options/settings.js";
import type { Connection } from "../connection/connection.js";
import { isSilent, judgeHttp1, soonestOf, type Receiving } from "../http1/judge.js";
import { judgeSession, soonestOfSession } from "../http2/judge.js";
import { receivingSockets } from "../node-internals.js";
import type { Judging, Sweep } from "./judging.js";
import { Rounds } from "./rounds.js";
import { Silent } from "./silent.js";

/**
 * Closes, during a drain, the connections that would hold it for nothing: the silent ones once the
 * listener is closed, and those that stand still in the middle of a head or a body. Node's own
 * timers for that are too long for any budget, or do not exist. What is due each protocol says of its own.
 */
export class Sweeper {
  readonly #server: Server;
  readonly #timeouts: Timeouts;
  readonly #sweep: Sweep;
  readonly #fence: Fence;
  readonly #rounds: Rounds;
  readonly #silent: Silent;
  #hasBegun = false;
  #isHurried = false;

  constructor(
    server: Server,
    connections: ReadonlySet<Connection>,
    { timeouts, closeSpread, fence }: { timeouts: Timeouts; closeSpread: number; fence: Fence },
    sweep: Sweep,
  ) {
    this.#fence = fence;
    this.#server = server;
    this.#timeouts = timeouts;
    this.#sweep = sweep;
    this.#rounds = new Rounds(connections, (instant) => this.#lookBy(instant), fence);
    this.#silent = new Silent({
      fence,
      idle: timeouts.idle,
      closeSpread,
      stillSilent: () => {
        const receiving = this.#receiving;
        return (connection) => isSilent(connection, receiving);
      },
      isGone: (connection) => !connections.has(connection),
      close: (connection) => sweep.idle(connection),
      spoke: (connection) => this.consider(connection),
    });
  }

  begin(): void {
    this.#hasBegun = true;
    const instant = now();
    this.#silent.begin(instant);
    this.#rounds.look(instant);
  }

  /** From now on silent connections are closed. */
  listenerClosed(): void {
    this.#silent.listenerClosed();
    this.#rounds.soon();
  }

  /** No silent connection is closed before `instant`. */
  keepIdle(instant: number): void {
    this.#silent.keep(instant);
  }

  /** From now on a silent connection is closed as soon as it is seen to be silent. */
  hurry(): void {
    this.#isHurried = true;
    this.#silent.hurry();
    this.#rounds.soon();
  }

  /** Something has changed on a connection; looks at it no later than it can be due. */
  consider(connection: Connection): void {
    if (this.#hasBegun) this.#rounds.at(this.#soonest(connection, this.#judgingAt(now())));
  }

  stop(): void {
    this.#rounds.stop();
    this.#silent.stop();
  }

  #judgingAt(instant: number): Judging {
    return {
      timeouts: this.#timeouts,
      sweep: this.#sweep,
      instant,
      isHurried: this.#isHurried,
    };
  }

  get #receiving(): Receiving {
    return receivingSockets(this.#server, this.#fence);
  }

  /** The earliest instant at which anything can be said about a connection that has just changed. */
  #soonest(connection: Connection, judging: Judging): number {
    if (connection.upgraded) return NEVER;
    if (connection.session !== undefined) return soonestOfSession(judging);
    const soonest = soonestOf(connection, judging);
    if (soonest !== undefined) return soonest;
    return Math.min(this.#silent.dueOf(connection), judging.instant + judging.timeouts.head);
  }

  #lookBy(instant: number): (connection: Connection) => number {
    const judging = this.#judgingAt(instant);
    const receiving = this.#receiving;
    return (connection) => this.#dueOf(connection, receiving, judging);
  }

  /** One that cannot be judged is left to the cut, and the others are judged. */
  #dueOf(connection: Connection, receiving: Receiving, judging: Judging): number {
    try {
      return this.#judge(connection, receiving, judging);
    } catch (thrown) {
      this.#fence.failed("judge a connection", thrown);
      return NEVER;
    }
  }

  /** Closes the connection when it is due; otherwise returns the instant at which it can be. */
  #judge(connection: Connection, receiving: Receiving, judging: Judging): number {
    const { instant, timeouts } = judging;
    const { upgraded, exchanges, session } = connection;
    if (upgraded) return NEVER;
    if (!exchanges.isFollowed) return instant + timeouts.body;
    if (session !== undefined) return judgeSession(connection, session, judging);
    const due = judgeHttp1(connection, receiving, judging);
    return due ?? this.#silent.judge(connection, instant);
  }
}
