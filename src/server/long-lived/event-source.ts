import type { IncomingHttpHeaders } from "node:http";

/** What tells whether a request is long-lived: its head. */
export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

const EVENT_STREAM = /\btext\/event-stream\b/i;

/**
 * Whether an EventSource asks, which says so itself and comes back by itself when its stream ends or breaks.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function isEventSource({ method, headers }: RequestHead): boolean {
  return method === "GET" && EVENT_STREAM.test(headers.accept ?? "");
}

/** Whether an answer of this type is a stream of events. */
export function isEventStream(type: string): boolean {
  return EVENT_STREAM.test(type);
}

/** Whether a stream of HTTP/2 becomes a tunnel. One of HTTP/1 takes its connection over. */
export function isTunnel({ method }: { readonly method?: string | undefined }): boolean {
  return method === "CONNECT";
}
