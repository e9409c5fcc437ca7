import { Alarm, NEVER, now } from "../../clock.js";
import type { Fence } from "../../fence.js";
import type { Connection } from "../connection/connection.js";

/** Judging costs about a microsecond; more of it in one turn would be felt on the event loop. */
const MOST_PER_TURN = 1_000;

/** A look at all connections costs its time, and is followed by this many times as much without one. */
const REST = 10;

/** Looks at a connection; returns the instant at which it is to be looked at again. */
type Look = (connection: Connection) => number;

/**
 * When all connections of a server are looked at. One alarm serves all of them: it rings when the first can be due and is
 * set again from what that look has found.
 */
export class Rounds {
  readonly #connections: ReadonlySet<Connection>;
  readonly #lookBy: (instant: number) => Look;
  readonly #alarm: Alarm;
  #restsUntil = 0;
  /** Those that the look under way has not come to. */
  #round: Iterator<Connection> | undefined;
  #cost = 0;
  /** The earliest instant at which one of those that it has come to can be due. */
  #next = NEVER;

  /** `lookBy`: called for each turn, with what is known in it. */
  constructor(
    connections: ReadonlySet<Connection>,
    lookBy: (instant: number) => Look,
    fence: Fence,
  ) {
    this.#connections = connections;
    this.#lookBy = lookBy;
    this.#alarm = new Alarm(fence.callback("sweep", (instant) => this.look(instant)));
  }

  /** On a busy server with many connections one is always due; that must not be all it does. */
  at(instant: number): void {
    // The look under way may have been there already, and the alarm rings for its next part first.
    if (this.#round !== undefined) this.#next = Math.min(this.#next, instant);
    this.#alarm.atLatest(Math.max(instant, this.#restsUntil));
  }

  /** Where it is known to be worth its cost. */
  soon(): void {
    this.#restsUntil = 0;
    this.#alarm.atLatest(now());
  }

  stop(): void {
    this.#alarm.clear();
  }

  /**
   * Looks at all connections, at as many in this turn as it bears, and judges by what had been read at
   * `instant`.
   */
  look(instant: number): void {
    const begun = now();
    const look = this.#lookBy(instant);
    this.#round ??= this.#connections.values();
    for (let count = 0; count < MOST_PER_TURN; count++) {
      const { value: connection, done = false } = this.#round.next();
      if (done) {
        this.#end(now() - begun);
        return;
      }
      this.#next = Math.min(this.#next, look(connection));
    }
    this.#cost += now() - begun;
    this.#alarm.atLatest(now());
  }

  #end(cost: number): void {
    this.#restsUntil = now() + (this.#cost + cost) * REST;
    this.at(this.#next);
    this.#round = undefined;
    this.#cost = 0;
    this.#next = NEVER;
  }
}
