/**
 * Koa 3: the request's signal as `ctx.signal`, an answer for requests that were aborted, and the routes of
 * `@koa/router` in the report.
 *
 * @module
 */
import type { Context, Middleware } from "koa";

import { isClientGone } from "../errors.js";
import { nameRoute, requestSignal } from "../index.js";
import { aborted, whyAborted, type AbortedOptions } from "./aborted.js";

export type { AbortedOptions } from "./aborted.js";

declare module "koa" {
  interface ExtendableContext {
    /** Aborts when the client leaves, and at the abort instant of a drain; see {@link requestSignal}. */
    readonly signal: AbortSignal;
  }
}

/**
 * What is used of an application of Koa: its class has no name that programs without `esModuleInterop` can import.
 */
export interface KoaApplication {
  readonly context: object;
  use(middleware: Middleware): unknown;
}

/**
 * Gives every context its `signal`, made when it is first read, and uses a middleware that answers 503 with
 * `Retry-After` where a handler failed because its signal aborted: Koa's `error` event does not hear of
 * it. To be called before the application's own middleware is used.
 */
export function carrySignal(app: KoaApplication, options: AbortedOptions = {}): void {
  Object.defineProperty(app.context, "signal", {
    configurable: true,
    get(this: Context) {
      return requestSignal(this.req);
    },
  });
  app.use(async (ctx, next) => {
    // @koa/router says so once it has matched.
    nameRoute(ctx.req, () => (ctx as { _matchedRoute?: string })._matchedRoute);
    try {
      await next();
    } catch (error) {
      answer(ctx, error, options);
    }
  });
}

/** Throws on what is the application's own. */
function answer(ctx: Context, error: unknown, options: AbortedOptions): void {
  const why = whyAborted(error, ctx.req);
  if (why === undefined) throw error;
  if (isClientGone(why) || ctx.headerSent) {
    ctx.respond = false;
    ctx.res.destroy();
    return;
  }
  const { status, headers, body } = aborted(options);
  ctx.status = status;
  ctx.set(headers);
  ctx.body = body;
}
