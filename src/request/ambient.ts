import { AsyncLocalStorage } from "node:async_hooks";

import { requestSignal, type AnyRequest } from "./signal.js";

/** What runs: a request, or the signal of a task or a hook. */
const current = new AsyncLocalStorage<AnyRequest | AbortSignal>();

/**
 * The request whose handler runs, or has called what runs, however far down; undefined outside of one.
 * For servers of a service with the option `ambient`. Over HTTP/2 it is the stream where the stream's API is
 * used.
 */
export function currentRequest(): AnyRequest | undefined {
  const what = current.getStore();
  return what instanceof AbortSignal ? undefined : what;
}

/**
 * {@link requestSignal} of {@link currentRequest}; in a task or a hook that one's own signal; undefined
 * elsewhere, so that it can be handed on in any case. For services with the option `ambient`.
 */
export function currentSignal(): AbortSignal | undefined {
  const what = current.getStore();
  return what === undefined || what instanceof AbortSignal ? what : requestSignal(what);
}

/** How to call a function whose context is to be found again from inside. */
export type InContext = <Args extends unknown[], Result>(
  what: AnyRequest | AbortSignal,
  run: (...args: Args) => Result,
  ...args: Args
) => Result;

/** As {@link currentSignal} finds it. */
export const inContext: InContext = (what, run, ...args) => current.run(what, run, ...args);

/** Where nobody asked for it, nobody pays: on Node 20 and 22 the first use slows every promise down. */
export const inNoContext: InContext = (_what, run, ...args) => run(...args);
