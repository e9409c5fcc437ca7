/**
 * Hono 4 on `@hono/node-server`: the request's signal as `c.var.signal`, an answer for requests that were
 * aborted, and its routes in the report.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Context, ErrorHandler, MiddlewareHandler } from "hono";

import { isClientGone } from "../errors.js";
import { nameRoute, requestSignal } from "../index.js";
import { aborted as abortedAnswer, whyAborted, type AbortedOptions } from "./aborted.js";

export type { AbortedOptions } from "./aborted.js";

declare module "hono" {
  interface ContextVariableMap {
    /** Aborts when the client leaves, and at the abort instant of a drain; see {@link requestSignal}. */
    signal: AbortSignal;
  }
}

/**
 * Middleware that gives every context its `signal` and names its route in the report. The signal is made for
 * each request, as a variable of Hono's cannot be made when it is first read.
 */
export function carrySignal(): MiddlewareHandler {
  return async (c, next) => {
    const req = nodeRequest(c);
    // The last that matched is the handler, after all middleware.
    nameRoute(req, () => c.req.matchedRoutes.at(-1)?.path);
    c.set("signal", requestSignal(req));
    await next();
  };
}

/**
 * For `app.onError`: a handler that failed because its signal aborted is answered 503 with `Retry-After`,
 * and is no error of the application; everything else goes to `otherwise`. Default of that: thrown
 * `HTTPException`s answer for themselves, the rest is logged and answered 500, as Hono does.
 */
export function aborted(
  options: AbortedOptions = {},
  otherwise: ErrorHandler = answerAsHonoDoes,
): ErrorHandler {
  return (error, c) => {
    const why = whyAborted(error, nodeRequest(c));
    if (why === undefined) return otherwise(error, c);
    // It is not read; a status that says so to the access log, as nginx has it.
    if (isClientGone(why)) return new Response(null, { status: 499 });
    const { status, headers, body } = abortedAnswer(options);
    return c.text(body, status, headers);
  };
}

/** The bindings of `@hono/node-server`. */
function nodeRequest(c: Context): IncomingMessage {
  return (c.env as { incoming: IncomingMessage }).incoming;
}

const answerAsHonoDoes: ErrorHandler = (error, c) => {
  if ("getResponse" in error) return error.getResponse();
  console.error(error);
  return c.text("Internal Server Error", 500);
};
