import { TimeoutError } from "../../errors.js";
import type { Fence } from "../../fence.js";
import { Pace } from "../connection/pace.js";
import { StillWatch } from "../stalls/still-watch.js";
import type { Closable, Goodbye, Turn } from "./goodbye.js";
import { Peer } from "./peer.js";

/** A goodbye writes, and its answer comes back soon after: more than a close costs. */
const MOST_PER_STEP = 50;

/** When they all leave, and how long each may take. */
export interface Leaving {
  readonly reason: string;
  /** The instant until which all have been told. */
  readonly end: number;
}

/**
 * Long-lived connections whose owners want to say goodbye. Each is told once, in its turn, and
 * destroyed if it then stands still for too long.
 */
export class Goodbyes {
  /** How many have been told. */
  said = 0;
  /** How many of them were destroyed because nothing moved any more. */
  overdue = 0;
  readonly #timeout: number;
  readonly #failed: (error: Error) => void;
  readonly #untold = new Map<Closable, Goodbye<Turn>>();
  readonly #told = new Map<Closable, Peer>();
  readonly #fence: Fence;
  readonly #pace: Pace<Closable>;
  readonly #watch: StillWatch<Closable>;
  /** One listener for all, so that each costs no closure: Node calls it with the closable as `this`. */
  readonly #onClose: (this: Closable) => void;
  #reason = "";
  #isCut = false;
  #whenSettled: (() => void) | undefined;

  /** `timeout`: how long one that was told may stand still, in milliseconds. */
  constructor(timeout: number, fence: Fence, failed: (error: Error) => void) {
    this.#timeout = timeout;
    this.#fence = fence;
    this.#failed = failed;
    this.#pace = new Pace((batch) => {
      for (const each of batch) fence.attempt("say a goodbye", () => this.#tell(each));
    }, MOST_PER_STEP);
    const forget = fence.callback("forget a goodbye", (closable: Closable) => {
      this.#forget(closable);
    });
    this.#onClose = function onClose() {
      forget(this);
    };
    this.#watch = new StillWatch<Closable>(
      {
        items: this.#told,
        isWaiting: () => true,
        position: (closable) => this.#told.get(closable)?.position ?? 0,
        raw: (closable) => this.#told.get(closable)?.raw,
        still: (closable) => {
          this.overdue++;
          this.#end(closable);
        },
      },
      timeout,
      fence,
    );
  }

  /** Registers a goodbye; returns the function that forgets it. A later one takes its place. */
  add(closable: Closable, say: Goodbye<Turn>): () => void {
    if ((closable as { destroyed?: boolean }).destroyed === true) return () => {};
    if (!this.has(closable)) closable.on("close", this.#onClose);
    this.#untold.set(closable, say);
    if (this.#isCut) {
      this.#tell(closable);
      this.#end(closable);
    } else this.#pace.add(closable);
    return () => {
      if (this.#untold.get(closable) === say) this.#forget(closable);
    };
  }

  /** Whether its owner says goodbye, or has. */
  has(closable: Closable): boolean {
    return this.#untold.has(closable) || this.#told.has(closable);
  }

  /** It is closed, or belongs to other code, and its `close` event may not be heard. */
  gone(closable: Closable): void {
    if (this.has(closable)) this.#forget(closable);
  }

  #forget(closable: Closable): void {
    this.#fence.ask("close listener", () => closable.off("close", this.#onClose), undefined);
    this.#untold.delete(closable);
    this.#told.delete(closable);
    this.#pace.delete(closable);
    if (this.#isEmpty) this.#whenSettled?.();
  }

  get #isEmpty(): boolean {
    return this.#untold.size === 0 && this.#told.size === 0;
  }

  /** Resolves when all are gone. */
  get settled(): Promise<void> {
    if (this.#isEmpty) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenSettled = resolve;
    });
  }

  /** Tells all of them, and from now on also those that come. */
  begin({ reason, end }: Leaving): void {
    this.#reason = reason;
    this.#pace.begin(end);
  }

  #tell(closable: Closable): void {
    const say = this.#untold.get(closable);
    if (say === undefined) return;
    this.#untold.delete(closable);
    if (!this.#told.has(closable)) this.said++;
    const peer = new Peer(closable, this.#fence);
    this.#told.set(closable, peer);
    this.#watch.wake();
    const isCurrent = (): boolean => {
      return !this.#untold.has(closable) && this.#told.get(closable) === peer;
    };
    const saying = (): Promise<void> => peer.tell(say, { reason: this.#reason, isCurrent });
    this.#fence.invoke("goodbye", saying, this.#failed);
  }

  #end(closable: Closable): void {
    const message = `The peer did not close within ${this.#timeout} ms of the goodbye, or the drain gave up`;
    this.#told.get(closable)?.giveUp(new TimeoutError(message, this.#timeout));
  }

  /** Gives up: those that have not been told yet are told now, and all are destroyed. */
  cut(): void {
    this.#isCut = true;
    this.#pace.stop();
    this.#watch.stop();
    for (const closable of [...this.#untold.keys()]) this.#tell(closable);
    for (const closable of [...this.#told.keys()]) this.#end(closable);
  }

  /** Takes everything back. */
  release(): void {
    this.#pace.stop();
    this.#watch.stop();
    for (const closable of [...this.#untold.keys(), ...this.#told.keys()]) this.#forget(closable);
  }
}
