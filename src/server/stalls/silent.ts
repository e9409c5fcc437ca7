import { NEVER, now } from "../../clock.js";
import type { Fence } from "../../fence.js";
import type { Connection } from "../connection/connection.js";
import { Pace } from "../connection/pace.js";

/** What {@link Silent} asks and tells. */
interface SilentOwner {
  readonly fence: Fence;
  /** How long a connection must have been silent before it is closed, in ms. */
  readonly idle: number;
  /** How long they may take to leave after the listener closed, in ms. */
  readonly closeSpread: number;
  /** Which of those whose turn it is have stayed silent until now. */
  stillSilent(): (connection: Connection) => boolean;
  isGone(connection: Connection): boolean;
  close(connection: Connection): void;
  /** Something has come from one while it waited for its turn. */
  spoke(connection: Connection): void;
}

/** Closes the silent connections of a server once its listener is closed, one after the other. */
export class Silent {
  readonly #owner: SilentOwner;
  readonly #leaving: Pace<Connection>;
  #idle: number;
  #closeSpread: number;
  #begunAt = NEVER;
  #isListenerClosed = false;
  #keptUntil = 0;

  constructor(owner: SilentOwner) {
    this.#owner = owner;
    this.#idle = owner.idle;
    this.#closeSpread = owner.closeSpread;
    this.#leaving = new Pace(
      owner.fence.callback("close silent connections", (batch, instant) => {
        this.#close(batch, instant);
      }),
    );
  }

  begin(instant: number): void {
    this.#begunAt = instant;
  }

  /** From now on they are closed. */
  listenerClosed(): void {
    this.#isListenerClosed = true;
    const first = Math.max(now(), this.#begunAt + this.#idle, this.#keptUntil);
    this.#leaving.begin(first + this.#closeSpread);
  }

  /** None is closed before `instant`. */
  keep(instant: number): void {
    this.#keptUntil = instant;
  }

  /** From now on one is closed as soon as it is seen to be silent. */
  hurry(): void {
    this.#idle = 0;
    this.#keptUntil = 0;
    this.#closeSpread = 0;
    if (this.#isListenerClosed) this.#leaving.begin(now());
  }

  stop(): void {
    this.#leaving.stop();
  }

  /** The instant at which a connection may be closed if it stays silent. */
  dueOf(connection: Connection): number {
    if (!this.#isListenerClosed) return NEVER;
    return this.#quietEnd(connection);
  }

  /** Closes a silent connection when it is due, in its turn; otherwise returns the instant at which it can be. */
  judge(connection: Connection, instant: number): number {
    const due = this.dueOf(connection);
    if (due > instant) return due;
    if (this.#leaving.letsGo(instant)) this.#owner.close(connection);
    else this.#leaving.add(connection);
    return NEVER;
  }

  #quietEnd(connection: Connection): number {
    const quietFor = Math.max(connection.quietSince, this.#begunAt) + this.#idle;
    return Math.max(quietFor, this.#keptUntil);
  }

  /** Those whose turn it is, unless something has come from them while they waited for it. */
  #close(batch: readonly Connection[], instant: number): void {
    const { fence } = this.#owner;
    const isSilent = this.#owner.stillSilent();
    for (const connection of batch) {
      if (this.#owner.isGone(connection)) continue;
      fence.attempt("close a silent connection", () => {
        const isDue = this.#quietEnd(connection) <= instant;
        if (isDue && isSilent(connection)) this.#owner.close(connection);
        else this.#owner.spoke(connection);
      });
    }
  }
}
