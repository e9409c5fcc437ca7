import type { IncomingMessage, ServerResponse } from "node:http";

import {
  isClientGone,
  isDrainAborted,
  type ClientGoneError,
  type DrainAbortedError,
} from "../errors.js";
import { requestSignal } from "../index.js";

/** How an aborted request is answered. */
export interface AbortedOptions {
  /**
   * Milliseconds after which the client may try again, sent as `Retry-After` in whole seconds (RFC 9110
   * §10.2.3). Default: 1000.
   */
  retryAfter?: number;
}

/** What to send for a request that the drain has aborted. */
export interface AbortedAnswer {
  readonly status: 503;
  readonly headers: Readonly<Record<"Retry-After", string>>;
  readonly body: string;
}

// An error wraps its cause, which may be wrapped again; more than that goes round in circles.
const DEEPEST = 4;

/**
 * Why a handler failed, where it failed because its request's signal aborted: the signal's reason, as such
 * or as a cause, or the `AbortError` of what was given the signal. Undefined for every other error.
 */
export function whyAborted(error: unknown, req: IncomingMessage): Reason | undefined {
  const signal = requestSignal(req);
  if (!signal.aborted) return undefined;
  const isOwn = (each: Error): boolean => each === signal.reason || each.name === "AbortError";
  return listCauses(error).some(isOwn) ? (signal.reason as Reason) : undefined;
}

/** Whether an error is the reason of some request's signal, or caused by one. */
export function isAborted(error: unknown): boolean {
  return listCauses(error).some((each) => isClientGone(each) || isDrainAborted(each));
}

type Reason = ClientGoneError | DrainAbortedError;

function listCauses(error: unknown): Error[] {
  const causes: Error[] = [];
  let cause = error;
  while (cause instanceof Error && causes.length < DEEPEST) {
    causes.push(cause);
    ({ cause } = cause);
  }
  return causes;
}

/** 503 and `Retry-After`: the service leaves, and another one will answer. */
export function aborted({ retryAfter = 1_000 }: AbortedOptions = {}): AbortedAnswer {
  const headers = { "Retry-After": String(Math.ceil(retryAfter / 1_000)) };
  return { status: 503, headers, body: "Service Unavailable\n" };
}

/**
 * Answers on Node's own response where the error came from the request's signal, and says whether it
 * did. A client that has gone gets nothing; one whose answer has begun loses the rest, so that it is seen to be torn.
 */
export function answerAborted(
  error: unknown,
  req: IncomingMessage,
  res: ServerResponse,
  options?: AbortedOptions,
): boolean {
  const why = whyAborted(error, req);
  if (why === undefined) return false;
  if (isClientGone(why) || res.headersSent) {
    res.destroy();
    return true;
  }
  const { status, headers, body } = aborted(options);
  res.writeHead(status, { ...headers, "Content-Type": "text/plain" }).end(body);
  return true;
}
