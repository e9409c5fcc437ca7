import { setMaxListeners } from "node:events";

import { now } from "../clock.js";
import { LastcallError } from "../errors.js";
import type { Journal } from "../journal.js";
import { isLegal, isStopping, type Phase } from "../phase.js";

/** Where a service is in its life, what that forbids, and the signals that tell of it. */
export class Life {
  /** Aborts when the drain begins. */
  readonly stopping: AbortController = new AbortController();
  /** Aborts at the abort instant. */
  readonly aborting: AbortController = new AbortController();
  /** Aborts when the wait is to end: a second signal, `abort()`. */
  readonly cutoff: AbortController = new AbortController();
  readonly #journal: Journal;
  readonly #stepped: () => void;
  readonly #turned: (isReady: boolean) => void;
  #phase: Phase = "starting";
  #isUninstalled = false;
  /** When the listeners closed. */
  #closedAt: number | undefined;

  /** `stepped`: a drain has come a phase further. `turned`: before it, readiness has turned. */
  constructor(journal: Journal, stepped: () => void, turned: (isReady: boolean) => void) {
    this.#journal = journal;
    this.#stepped = stepped;
    this.#turned = turned;
    // Every stream and consumer of a service may listen, and each hook that runs; that is no leak.
    setMaxListeners(0, this.stopping.signal, this.aborting.signal, this.cutoff.signal);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Whether the drain has begun. */
  get isStopping(): boolean {
    return isStopping(this.#phase);
  }

  /** How long no listener is open any more, in ms. */
  get closedMs(): number {
    return this.#closedAt === undefined ? 0 : now() - this.#closedAt;
  }

  enter(to: Phase): void {
    const from = this.#phase;
    if (!isLegal(from, to)) throw new Error(`lastcall: no way from phase ${from} to ${to}`);
    this.#phase = to;
    if (to === "draining") this.#closedAt = now();
    this.#journal.tell("phase", { from, to });
    if (this.isStopping) this.#stepped();
    else this.#turned(to === "ready");
  }

  get isUninstalled(): boolean {
    return this.#isUninstalled;
  }

  /** It owns nothing any more. */
  uninstall(): void {
    this.#isUninstalled = true;
  }

  /** @throws {LastcallError} `ERR_LASTCALL_UNINSTALLED`. */
  refuseWhenUninstalled(what: string): void {
    if (!this.#isUninstalled) return;
    throw new LastcallError(
      "ERR_LASTCALL_UNINSTALLED",
      `Cannot ${what}: the service is uninstalled`,
    );
  }

  /** @throws {LastcallError} `ERR_LASTCALL_STOPPING`, `ERR_LASTCALL_UNINSTALLED`. */
  refuseWhenStopping(what: string): void {
    if (this.isStopping) {
      throw new LastcallError(
        "ERR_LASTCALL_STOPPING",
        `Cannot ${what}: the drain has begun (phase \`${this.#phase}\`)`,
      );
    }
    this.refuseWhenUninstalled(what);
  }

  /** From the first hook of the closing window on. Throws as {@link Life.refuseWhenStopping}. */
  refuseWhenClosing(what: string): void {
    const isClosing = this.#phase === "closing" || this.#phase === "closed";
    if (isClosing || this.#isUninstalled) this.refuseWhenStopping(what);
  }

  /** Once the drain is over. Throws as {@link Life.refuseWhenStopping}. */
  refuseWhenOver(what: string): void {
    if (this.#phase === "closed" || this.#isUninstalled) this.refuseWhenStopping(what);
  }
}
