import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, ServerHttp2Stream } from "node:http2";

import { ClientGoneError, wrongArgument, type DrainAbortedError } from "../errors.js";
import { fenceOfProcess, type Fence } from "../fence.js";
import { currentResponse, isUpgrade } from "../server/node-internals.js";
import { shared } from "../shared.js";
import { releaseFollowers } from "./any-signal.js";
import type { NamedRequest } from "./route.js";
import { isAnswered, streamOf } from "./stream.js";

/** A request of Node's servers, or a stream of HTTP/2's stream API. */
export type AnyRequest = IncomingMessage | Http2ServerRequest | ServerHttp2Stream;

const RESPONSE: unique symbol = Symbol.for("lastcall.response.1");

/** On the request; on the stream for HTTP/2, whose request and stream are two faces of one thing. */
const STATE: unique symbol = Symbol.for("lastcall.state.1");

const waiting = shared("waiting", () => new WeakMap<ServerResponse, (() => void)[]>());

/** What is known of a request whose signal was needed. */
interface State {
  readonly controller: AbortController;
  /** Whether the handler has the signal. */
  isAsked: boolean;
  /** Promises that belong to the request, and that its response does not wait for. */
  owed: number;
  /** Whether nothing more can become of its response. */
  isOver: boolean;
}

// A property and no WeakMap: one entry per request would cost the garbage collector more than the signal.
type Signalled = object & { [STATE]?: State };

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
 * with {@link ClientGoneError} when the client leaves, or resets the stream, before the response is finished,
 * and with {@link DrainAbortedError} at the abort instant of a drain. After the response is finished it
 * stays as it is. Works for requests of servers that are not attached too; only the drain does not
 * reach those.
 *
 * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for something that is not a request.
 */
export function requestSignal(req: AnyRequest): AbortSignal {
  const state = stateOf(req);
  state.isAsked = true;
  return state.controller.signal;
}

function stateOf(req: unknown): State {
  const stream = streamOf(req);
  const subject = (stream ?? req ?? {}) as Signalled;
  const known = subject[STATE];
  if (known !== undefined) return known;
  if (stream === undefined && !isRequest(req)) {
    throw wrongArgument("req", "the request of a Node server, or a stream of HTTP/2", req);
  }
  const controller = new AbortController();
  const state: State = { controller, isAsked: false, owed: 0, isOver: false };
  subject[STATE] = state;
  fenceOfProcess.ask("client of a request", () => watchClient(req, stream, state), undefined);
  return state;
}

function watchClient(req: unknown, stream: ServerHttp2Stream | undefined, state: State): void {
  if (stream === undefined) abortWhenClientLeaves(req as IncomingMessage, state);
  else abortWhenStreamCloses(stream, state);
}

/** The response is finished, or its client gone. */
function end(state: State, isAnswered: boolean): void {
  state.isOver = true;
  if (!isAnswered) state.controller.abort(new ClientGoneError());
  else if (state.owed === 0) releaseFollowers(state.controller.signal);
}

/** What a request still owes after its response. */
export interface Debt {
  readonly request: AnyRequest;
  readonly signal: AbortSignal;
  /** Called once, when it is paid or never will be. */
  settle(): void;
}

/** Something belongs to a request, which is not over before that is settled. */
export function owe(request: AnyRequest): Debt {
  const state = stateOf(request);
  const { signal } = state.controller;
  state.owed++;
  const settle = (): void => {
    state.owed--;
    if (state.owed === 0 && state.isOver) releaseFollowers(signal);
  };
  return { request, signal, settle };
}

/** A stream that cannot be read counts too: what it throws is not its handler's fault. */
function isRequest(req: unknown): boolean {
  const look = (): boolean => {
    const { socket, respond } = (req ?? {}) as { socket?: unknown; respond?: unknown };
    return (typeof socket === "object" && socket !== null) || typeof respond === "function";
  };
  return fenceOfProcess.ask("socket of a request", look, true);
}

/**
 * Watches the response, or where there is none the socket. On a pipelined connection neither says
 * anything about a request whose turn has not come: then the response that has the turn is waited
 * for, and asked again.
 */
function abortWhenClientLeaves(req: IncomingMessage, state: State, wasWaiting = false): void {
  const { socket } = req;
  const own = responseOf(req);
  const current = currentResponse(socket);
  const isOver = own === undefined && current === undefined && !wasWaiting && !isUpgrade(req);
  if (isOver || own?.writableFinished) {
    end(state, true);
  } else if (socket.destroyed) {
    end(state, false);
  } else if (current === undefined) {
    socket.once("close", () => end(state, false));
  } else if (current === own) {
    // What wraps a request has a state of its own, which its response does not find.
    const isWrapped = current.req !== req;
    current.on("close", isWrapped ? () => end(state, isFinished(current)) : endWithResponse);
  } else {
    whenClosed(current, () => abortWhenClientLeaves(req, state, true));
  }
}

/** One function for all responses, so that each costs no closure. */
function endWithResponse(this: ServerResponse): void {
  const look = (): State | undefined => (this.req as Signalled)[STATE];
  const state = fenceOfProcess.ask("response of a request", look, undefined);
  if (state !== undefined) end(state, isFinished(this));
}

function isFinished(res: ServerResponse): boolean {
  return fenceOfProcess.ask("end of a request", () => res.writableFinished, false);
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
    for (const each of callbacks) fenceOfProcess.attempt("look at a pipelined request", each);
  });
}

function abortWhenStreamCloses(stream: ServerHttp2Stream, state: State): void {
  const judge = (): void => {
    end(
      state,
      fenceOfProcess.ask("last byte of a request", () => isAnswered(stream), false),
    );
  };
  if (stream.destroyed) judge();
  else stream.once("close", judge);
}

/** Whether the handler has asked for its request's signal. */
export function hasSignal(req: NamedRequest, fence: Fence): boolean {
  const isAsked = (): boolean => ((streamOf(req) ?? req) as Signalled)[STATE]?.isAsked === true;
  return fence.ask("signal of a request", isAsked, false);
}

/** Aborts a request's signal, also for a handler that asks for it only later. */
export function abortRequest(
  req: NamedRequest | AnyRequest,
  reason: DrainAbortedError,
  fence: Fence,
): void {
  fence.ask("abort of a request", () => stateOf(req).controller.abort(reason), undefined);
}
