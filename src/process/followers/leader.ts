import type { Outcome } from "../../phase.js";
import type { Telling } from "../signals/telling.js";
import type { Order, ToFollower, ToLeader } from "./messages.js";

/** What a worker or a thread does when it is told. */
export interface Led {
  /** `from`: the process that passes it on. */
  stop(order: Order, from: Telling["from"]): void;
  cut(signal: NodeJS.Signals): void;
  /** It may not take longer than this, in ms. */
  grant(graceMs: number): void;
}

/** The process that stops this worker or thread: seen from here. */
export class Leader {
  readonly #led: Led;
  readonly #from: Telling["from"];
  readonly #post: (message: ToLeader) => void;
  #siblings: (() => void) | undefined;
  #synced: (() => void) | undefined;
  /** Whether it has a service that tells this one to stop. */
  isHeard = false;

  constructor(led: Led, from: Telling["from"], post: (message: ToLeader) => void) {
    this.#led = led;
    this.#from = from;
    this.#post = post;
    post({ act: "hello" });
  }

  heard(message: ToFollower): void {
    switch (message.act) {
      case "roll-call":
        this.#post({ act: "hello" });
        break;
      case "welcome":
        this.isHeard = true;
        this.#led.grant(message.graceMs);
        break;
      case "stop":
        this.#led.stop(message, this.#from);
        break;
      case "siblings":
        this.#siblings?.();
        break;
      case "synced":
        this.#synced?.();
        break;
      case "cut":
        this.#led.cut(message.signal);
        break;
    }
  }

  /** A drain begins here. `siblings` is called when others go on accepting in its place. */
  leaving(siblings: () => void): void {
    this.#siblings = siblings;
    this.#post({ act: "leaving" });
  }

  /** Resolves when everything has arrived that was on its way before; never where no service hears this. */
  sync(): Promise<void> {
    return new Promise((resolve) => {
      this.#synced = resolve;
      this.#post({ act: "sync" });
    });
  }

  /** No service is here any more. */
  leave(): void {
    this.#post({ act: "bye" });
  }

  closed(outcome: Outcome, ends: boolean): void {
    this.#siblings = undefined;
    this.#post({ act: "closed", outcome, ends });
  }
}
