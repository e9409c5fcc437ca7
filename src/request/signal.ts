import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, ServerHttp2Stream } from "node:http2";

import { ClientGone, wrongArgument, type DrainAborted } from "../errors.js";
import { currentResponse, isUpgrade } from "../server/node-internals.js";
import type { NamedRequest } from "./route.js";
import { isAnswered, streamOf } from "./stream.js";

const RESPONSE = Symbol("lastcall.response");
/** By request; by stream for HTTP/2, whose request and stream are two faces of one thing. */
const controllers = new WeakMap<object, AbortController>();
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
 * The signal of a request, or of a stream of HTTP/2's stream API; made when first asked for. It aborts
 * with {@link ClientGone} when the client leaves, or resets the stream, before the response is finished,
 * and with {@link DrainAborted} at the abort instant of a drain. After the response is finished it
 * stays as it is. Works for requests of servers that are not attached too; only the drain does not
 * reach those.
 *
 * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for something that is not a request.
 */
export function requestSignal(
  req: IncomingMessage | Http2ServerRequest | ServerHttp2Stream,
): AbortSignal {
  return controllerOf(req).signal;
}

function controllerOf(req: unknown): AbortController {
  const stream = streamOf(req);
  const subject = (stream ?? req) as object;
  const known = controllers.get(subject);
  if (known !== undefined) return known;
  if (stream === undefined && !hasSocket(req)) {
    throw wrongArgument("req", "the request of a Node server, or a stream of HTTP/2", req);
  }
  const controller = new AbortController();
  controllers.set(subject, controller);
  if (stream === undefined) abortWhenClientLeaves(req as IncomingMessage, controller);
  else abortWhenStreamCloses(stream, controller);
  return controller;
}

function hasSocket(req: unknown): boolean {
  const { socket } = (req ?? {}) as { socket?: unknown };
  return typeof socket === "object" && socket !== null;
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

function abortWhenStreamCloses(stream: ServerHttp2Stream, controller: AbortController): void {
  const judge = (): void => {
    if (!isAnswered(stream)) controller.abort(new ClientGone());
  };
  if (stream.destroyed) judge();
  else stream.once("close", judge);
}

/** Whether the handler has asked for its request's signal. */
export function hasSignal(req: NamedRequest): boolean {
  return controllers.has(streamOf(req) ?? req);
}

/** Aborts a request's signal, also for a handler that asks for it only later. */
export function abortRequest(req: NamedRequest, reason: DrainAborted): void {
  controllerOf(req).abort(reason);
}
