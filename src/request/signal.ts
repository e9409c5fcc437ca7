import type { IncomingMessage, ServerResponse } from "node:http";

import { ClientGone, wrongArgument, type DrainAborted } from "../errors.js";
import { currentResponse } from "../server/node-internals.js";

const RESPONSE = Symbol("lastcall.response");
const controllers = new WeakMap<IncomingMessage, AbortController>();

/** Remembers which response answers a request: Node itself does not tell before a socket is assigned. */
export function bindResponse(req: IncomingMessage, res: ServerResponse): void {
  (req as IncomingMessage & { [RESPONSE]?: ServerResponse })[RESPONSE] = res;
}

function responseOf(req: IncomingMessage): ServerResponse | undefined {
  const bound = (req as IncomingMessage & { [RESPONSE]?: ServerResponse })[RESPONSE];
  if (bound !== undefined) return bound;
  const current = currentResponse(req.socket);
  return current?.req === req ? current : undefined;
}

/**
 * The signal of a request, made when first asked for. It aborts with {@link ClientGone} when the
 * client leaves before the response is finished, and with {@link DrainAborted} at the abort instant
 * of a drain. After the response is finished it stays as it is. Works for requests of servers that
 * are not attached too; only the drain does not reach those.
 *
 * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for something that is not a request.
 */
export function requestSignal(req: IncomingMessage): AbortSignal {
  const known = controllers.get(req);
  if (known !== undefined) return known.signal;
  if (typeof req?.socket !== "object" || req.socket === null) {
    throw wrongArgument("req", "the request of a Node server", req);
  }
  const controller = new AbortController();
  controllers.set(req, controller);
  abortWhenClientLeaves(req, controller);
  return controller.signal;
}

function abortWhenClientLeaves(req: IncomingMessage, controller: AbortController): void {
  const res = responseOf(req);
  if (res?.writableFinished) return;
  if (req.socket.destroyed) {
    controller.abort(new ClientGone());
    return;
  }
  // Without a response to watch, the socket's own end is all there is to see.
  (res ?? req.socket).once("close", () => {
    if (!res?.writableFinished) controller.abort(new ClientGone());
  });
}

/** Whether the handler has asked for its request's signal. */
export function hasSignal(req: IncomingMessage): boolean {
  return controllers.has(req);
}

/** Aborts a request's signal, also for a handler that asks for it only later. */
export function abortRequest(req: IncomingMessage, reason: DrainAborted): void {
  requestSignal(req);
  controllers.get(req)?.abort(reason);
}
