import net from "node:net";

import type { Fence } from "../../fence.js";
import { closeOfItsOwn, isListening, type AttachableServer } from "../attachable.js";
import type { ListenerWatcher } from "../guard.js";

/** What {@link Listener} tells its server. */
export interface ListenerOwner {
  readonly fence: Fence;
  /** It has begun, or is about, to serve. */
  came(): void;
  /** It listens; no client could come before. */
  listening(): void;
  /** It serves no longer: its owner closed it, or it could not listen. It may come back. */
  went(): void;
  /** The drain has closed it, with every connection that Node knows. */
  closed(): void;
}

/** Whether one server is there for its clients, and the close of what it listens on. */
export class Listener implements ListenerWatcher {
  /** The drain has begun. */
  isStopping = false;
  /** Its owner closed it, or it could not listen; until it is told to listen again. */
  isOut = false;
  /** The drain has closed it, and Node has said so. */
  isClosed = false;
  readonly #server: AttachableServer;
  readonly #owner: ListenerOwner;
  /** It does not listen, and was handed a connection. */
  #isFed: boolean;
  #isDrained = false;

  /** `listens`: false where another server is to hand it its connections. */
  constructor(server: AttachableServer, listens: boolean, owner: ListenerOwner) {
    this.#server = server;
    this.#isFed = !listens;
    this.#owner = owner;
  }

  get isListening(): boolean {
    return isListening(this.#server);
  }

  /** Whether it is there for its clients: it listens, or is handed connections by another server. */
  get isServing(): boolean {
    return this.isListening || this.#isFed;
  }

  /** Whether it is to listen and does not yet. */
  get isAwaited(): boolean {
    return !this.isServing && !this.isOut;
  }

  /** It has a connection: a net server, say, that looks at the first byte hands it its own. */
  connected(): void {
    if (this.isServing || this.isStopping) return;
    this.#isFed = true;
    this.#owner.came();
  }

  listens(): void {
    this.isOut = false;
    this.#owner.came();
  }

  listening(): void {
    if (this.isStopping) return;
    this.isOut = false;
    this.#owner.listening();
    this.#owner.came();
  }

  failed(): void {
    if (!this.isServing) this.closes();
  }

  closes(): void {
    if (this.isStopping) return;
    this.isOut = true;
    this.#isFed = false;
    this.#owner.went();
  }

  /**
   * Node's `close` event. After a drain it comes from `net.Server`'s close; the server's own must
   * still run, because it stops the interval that checks for timeouts, and it emits `close` again.
   */
  drained(): boolean {
    if (!this.isStopping) {
      this.closes();
      return true;
    }
    if (!this.#isDrained) {
      this.#isDrained = true;
      const close = (): unknown => closeOfItsOwn(this.#server).call(this.#server) ?? true;
      // Where it throws, this is the only `close` event there is going to be.
      if (this.#owner.fence.ask("close of a server", close, false) !== false) return false;
    }
    this.#close();
    return true;
  }

  /** `http.Server`'s own close would shoot idle connections and switch the timeouts off. */
  close(): void {
    try {
      net.Server.prototype.close.call(this.#server);
    } catch (thrown) {
      this.#owner.fence.failed("close the listener", thrown);
      // There is going to be no event, and the rest of the drain need not wait for it.
      this.#isDrained = true;
      this.#close();
    }
  }

  #close(): void {
    this.isClosed = true;
    this.#owner.closed();
  }
}
