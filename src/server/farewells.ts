import type { EventEmitter } from "node:events";
import { ServerResponse } from "node:http";
import { Socket } from "node:net";

import { attempt, TimeoutError } from "../errors.js";
import { rawSocket, sentBytes } from "./node-internals.js";
import { Pace } from "./pace.js";
import { StillWatch } from "./still-watch.js";

/** What lasts and has a `close` event: an upgraded socket, a response, a library's own connection. */
export type Closable = EventEmitter & { destroy?(): unknown };

/** What a farewell is given. */
export interface FarewellContext {
  /** Why the drain began. */
  readonly reason: string;
  /**
   * Aborts when the peer is waited for no longer, right before the connection is destroyed: the last
   * chance for a word, and the moment to end what has no `destroy()`.
   */
  readonly signal: AbortSignal;
}

/**
 * Says goodbye in the connection's own protocol. May return a promise for the time it needs to finish
 * what it does; bytes that are received count as progress until then, and no longer after it.
 */
export type Farewell = (context: FarewellContext) => unknown;

interface Told {
  readonly raw: Socket | undefined;
  readonly over: AbortController;
  isSaid: boolean;
}

/** When everybody leaves, and how long each may take. */
export interface Leaving {
  readonly reason: string;
  /** The instant until which everybody has been told. */
  readonly end: number;
}

/**
 * Long-lived connections whose owners want to say goodbye. Each is told once, in its turn, and
 * destroyed if it then stands still for too long.
 */
export class Farewells {
  /** How many have been told. */
  said = 0;
  /** How many of them were destroyed because nothing moved any more. */
  overdue = 0;
  readonly #timeout: number;
  readonly #failed: (error: Error) => void;
  readonly #untold = new Map<Closable, Farewell>();
  readonly #told = new Map<Closable, Told>();
  readonly #pace = new Pace<Closable>((batch) => batch.forEach((each) => this.#tell(each)));
  readonly #watch: StillWatch<Closable>;
  /** One listener for all, so that each costs no closure: Node calls it with the closable as `this`. */
  readonly #onClose: (this: Closable) => void;
  #reason = "";
  #isCut = false;
  #whenSettled: (() => void) | undefined;

  /** `timeout`: how long one that was told may stand still, in milliseconds. */
  constructor(timeout: number, failed: (error: Error) => void) {
    this.#timeout = timeout;
    this.#failed = failed;
    const forget = (closable: Closable): void => this.#forget(closable);
    this.#onClose = function onClose() {
      forget(this);
    };
    this.#watch = new StillWatch<Closable>(
      {
        items: this.#told,
        isWaiting: () => true,
        position: (closable) => position(this.#told.get(closable)),
        raw: (closable) => this.#told.get(closable)?.raw,
        still: (closable) => {
          this.overdue++;
          this.#end(closable);
        },
      },
      timeout,
    );
  }

  /** Registers a farewell; returns the function that forgets it. A later one takes its place. */
  add(closable: Closable, say: Farewell): () => void {
    if ((closable as { destroyed?: boolean }).destroyed === true) return () => {};
    if (!this.#untold.has(closable)) closable.on("close", this.#onClose);
    this.#untold.set(closable, say);
    if (this.#isCut) this.#endNow(closable);
    else this.#pace.add(closable);
    return () => {
      if (this.#untold.get(closable) === say) this.#forget(closable);
    };
  }

  #forget(closable: Closable): void {
    closable.off("close", this.#onClose);
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

  /** Tells everybody, and from now on also those who come. */
  begin({ reason, end }: Leaving): void {
    this.#reason = reason;
    this.#pace.begin(end);
  }

  #tell(closable: Closable): void {
    const say = this.#untold.get(closable);
    if (say === undefined) return;
    this.#untold.delete(closable);
    const told: Told = { raw: socketOf(closable), over: new AbortController(), isSaid: false };
    this.#told.set(closable, told);
    this.said++;
    this.#watch.wake();
    attempt(async () => {
      try {
        await say({ reason: this.#reason, signal: told.over.signal });
      } finally {
        told.isSaid = true;
      }
    }, this.#failed);
  }

  #end(closable: Closable): void {
    const message = `The peer did not close within ${this.#timeout} ms of the farewell, or the drain gave up`;
    this.#told.get(closable)?.over.abort(new TimeoutError(message, this.#timeout));
    closable.destroy?.();
  }

  #endNow(closable: Closable): void {
    this.#tell(closable);
    this.#end(closable);
  }

  /** Gives up: who has not been told yet is told now, and everybody is destroyed. */
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

/** The socket whose bytes show whether anything moves. */
function socketOf(closable: Closable): Socket | undefined {
  const socket = closable instanceof ServerResponse ? closable.socket : closable;
  return socket instanceof Socket ? rawSocket(socket) : undefined;
}

/** Once the goodbye is said only what goes out counts: a peer that talks on must not hold the drain. */
function position(told: Told | undefined): number {
  if (told?.raw === undefined) return 0;
  return sentBytes(told.raw) + (told.isSaid ? 0 : told.raw.bytesRead);
}
