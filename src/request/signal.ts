import type { IncomingMessage, ServerResponse } from "node:http";

import { ClientGone, wrongArgument, type DrainAborted } from "../errors.js";
import { currentResponse, isUpgrade } from "../server/node-internals.js";

const RESPONSE = Symbol("lastcall.response");
const controllers = new WeakMap<IncomingMessage, AbortController>();
const waiting = new WeakMap<ServerResponse, (() => void)[]>();

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

/**
 * Watches the response, or where there is none the socket. On a pipelined connection neither says
 * anything about a request whose turn has not come: then the response that has the turn is waited
 * for, and asked again.
 */
function abortWhenClientLeaves(
  req: IncomingMessage,
  controller: AbortController,
  wasWaiting = false,
): void {
  const { socket } = req;
  const own = responseOf(req);
  const current = currentResponse(socket);
  const isOver = own === undefined && current === undefined && !wasWaiting && !isUpgrade(req);
  if (isOver || own?.writableFinished) return;
  if (socket.destroyed) {
    controller.abort(new ClientGone());
  } else if (current === undefined || current === own) {
    (current ?? socket).once("close", () => {
      if (!current?.writableFinished) controller.abort(new ClientGone());
    });
  } else {
    whenClosed(current, () => abortWhenClientLeaves(req, controller, true));
  }
}

/** One listener for all that wait: a client may pipeline more requests than Node takes for no leak. */
function whenClosed(res: ServerResponse, callback: () => void): void {
  const known = waiting.get(res);
  if (known !== undefined) {
    known.push(callback);
    return;
  }
  const callbacks = [callback];
  waiting.set(res, callbacks);
  res.once("close", () => {
    for (const each of callbacks) each();
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
