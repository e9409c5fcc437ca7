import type { Socket } from "node:net";

import { inNextCheckPhase } from "../../clock.js";

type Destroy = (
  this: Socket,
  error: Error | null,
  callback: (error?: Error | null) => void,
) => void;

type Destroyable = Socket & { _destroy: Destroy };

/**
 * What tells that sockets are closed, without a listener: code that is given a socket may drop all it has, and Node promises none of
 * its own to those who take one over. It is the method to which every end of a socket comes; `ended` is called when the kernel's
 * side is closed and everything that hears of `close` has: that is between the check phase that follows and the next one.
 */
export class EndOfSockets {
  readonly #closing: (raw: Socket) => void;
  /** One for all sockets, so that each costs no closure. */
  readonly #destroy: Destroy;

  constructor(ended: (raw: Socket) => void) {
    const closing = (raw: Socket): void => inNextCheckPhase(ended, raw);
    this.#closing = closing;
    this.#destroy = function (error, callback) {
      inNextCheckPhase(closing, this);
      (Object.getPrototypeOf(this) as Destroyable)._destroy.call(this, error, callback);
    };
  }

  watch(raw: Socket): void {
    const target = raw as Destroyable;
    if (!Object.hasOwn(target, "_destroy")) {
      target._destroy = this.#destroy;
      return;
    }
    // A stream that was made of functions, or a tracer's: it stays below ours, also when that is taken back.
    const destroy = target._destroy;
    const closing = this.#closing;
    target._destroy = function (error, callback) {
      inNextCheckPhase(closing, raw);
      Reflect.apply(destroy, this, [error, callback]);
    };
  }

  /** Takes it back; where other code has its own there since, or had, ours only passes on. */
  forget(raw: Socket): void {
    const target = raw as Partial<Destroyable>;
    if (target._destroy === this.#destroy) delete target._destroy;
  }
}
