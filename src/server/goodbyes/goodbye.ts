import type { EventEmitter } from "node:events";

/** What lasts and has a `close` event: an upgraded socket, a response, a library's own connection. */
export type Closable = EventEmitter & { destroy?(): unknown };

/** What a goodbye is given. */
export interface GoodbyeContext {
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
export type Goodbye<Context = GoodbyeContext> = (context: Context) => unknown;

/** What lastcall's own goodbyes are given, which wait for things to happen before they speak. */
export interface Turn extends GoodbyeContext {
  /** False once the application has registered a goodbye of its own. */
  readonly isCurrent: boolean;
  /** Whether the signal has aborted, for those that only look: a signal costs more than the rest of a goodbye. */
  readonly isOver: boolean;
}
