import { AsyncLocalStorage } from "node:async_hooks";

import { shared } from "../shared.js";
import { requestSignal, type AnyRequest } from "./signal.js";

/**
 * What runs: a request, or the signal of a task or a hook. Of a request mostly a weak reference: a connection's timers remember
 * the context in which they were made, and would keep its last request until the next one comes.
 */
type What = AnyRequest | WeakRef<AnyRequest> | AbortSignal;

const current = shared("context", () => new AsyncLocalStorage<What>());

/** What runs, or undefined where it is over and nothing holds it any more. */
function currentWhat(): AnyRequest | AbortSignal | undefined {
  const what = current.getStore();
  return what instanceof WeakRef ? what.deref() : what;
}

/**
 * The request whose handler runs, or has called what runs, however far down; undefined outside of one.
 * For servers of a service with the option `currentSignal`. Over HTTP/2 it is the stream where the stream's API is
 * used. A request that is answered is found as long as something else holds it.
 */
export function currentRequest(): AnyRequest | undefined {
  const what = currentWhat();
  return what instanceof AbortSignal ? undefined : what;
}

/**
 * {@link requestSignal} of {@link currentRequest}; in a task or a hook that one's own signal; undefined
 * elsewhere, so that it can be handed on in any case. For services with the option `currentSignal`.
 */
export function currentSignal(): AbortSignal | undefined {
  const what = currentWhat();
  return what === undefined || what instanceof AbortSignal ? what : requestSignal(what);
}

/** How to call a function whose context is to be found again from inside. */
export type InContext = <Args extends unknown[], Result>(
  what: What,
  run: (...args: Args) => Result,
  ...args: Args
) => Result;

/** As {@link currentSignal} finds it. */
export const inContext: InContext = (what, run, ...args) => current.run(what, run, ...args);

/** Where it is not asked for it costs nothing: on Node 20 and 22 the first use slows every promise down. */
export const inNoContext: InContext = (_what, run, ...args) => run(...args);
