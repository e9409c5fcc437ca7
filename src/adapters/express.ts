/**
 * Express 5: the request's signal as `req.signal`, and an answer for requests that were aborted. Routes
 * are named in the report without any of it.
 *
 * @module
 */
import type { Application, ErrorRequestHandler } from "express";
import type { IncomingMessage } from "node:http";

import { requestSignal } from "../index.js";
import { answerAborted, type AbortedOptions } from "./aborted.js";

export type { AbortedOptions } from "./aborted.js";

declare global {
  namespace Express {
    interface Request {
      /** Aborts when the client leaves, and at the abort instant of a drain; see {@link requestSignal}. */
      readonly signal: AbortSignal;
    }
  }
}

/**
 * Gives every request of an application, and of those mounted on it, its `signal`. It is made when it
 * is first read, so that routes which do not read it cost nothing.
 */
export function carrySignal(app: Application): void {
  // What every request of it inherits from; documented, but not in its types.
  const { request } = app as unknown as { request: object };
  Object.defineProperty(request, "signal", {
    configurable: true,
    get(this: IncomingMessage) {
      return requestSignal(this);
    },
  });
}

/**
 * Error middleware, to be used after all routes and before the application's own: a handler that failed
 * because its signal aborted is answered 503 with `Retry-After`, and is no error of the application. All
 * other errors are passed on.
 */
export function aborted(options: AbortedOptions = {}): ErrorRequestHandler {
  return (error, req, res, next) => {
    if (!answerAborted(error, req, res, options)) next(error);
  };
}
