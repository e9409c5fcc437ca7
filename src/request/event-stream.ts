import type { IncomingMessage, ServerResponse } from "node:http";

import { wrongArgument } from "../errors.js";
import type { Closable, Goodbye } from "../server/goodbyes/goodbye.js";

/** Options of {@link eventStream}. */
export interface EventStreamOptions {
  /**
   * How long a client waits before it comes back, in milliseconds. Each stream is given a value of its
   * own between half and one and a half of it, so that those who leave together do not come back
   * together. Default: 2,000.
   */
  retry?: number;
}

/** An event to send; a string is its data alone. */
export interface ServerSentEvent {
  data: string;
  /** Its type. Default: the client's own, `message`. */
  event?: string;
  /** What the client sends back as `Last-Event-ID` when it reconnects. */
  id?: string;
}

/** A stream of server-sent events. Made by {@link eventStream}. */
export interface EventStream {
  /** Where the client was before it reconnected. */
  readonly lastEventId: string | undefined;
  /** Aborts when the stream is over, whichever side ended it. */
  readonly signal: AbortSignal;
  /**
   * Sends an event. False when the client should be given time to read, as `write()` does, or the stream
   * is over.
   *
   * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for an `event` or `id` of more than one line.
   */
  send(event: string | ServerSentEvent): boolean;
  /** Ends the stream; the client comes back by itself. */
  close(): void;
}

interface Leaves {
  goodbye(closable: Closable, say: Goodbye): () => void;
}

/**
 * Answers a request with a stream of server-sent events that ends in order when the service leaves: in
 * its turn after the listener closed, with a `retry:` of its own, so that clients come back to another
 * instance and not all at once. Over HTTP/1 the connection closes with the stream. What answers another method than GET has no
 * EventSource that comes back: it is waited for, and the application ends it.
 *
 * @param service whose drain ends the stream.
 * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for a `retry` that is no time.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function eventStream(
  service: Leaves,
  req: IncomingMessage,
  res: ServerResponse,
  { retry = 2_000 }: EventStreamOptions = {},
): EventStream {
  if (typeof retry !== "number" || !(retry >= 0 && retry < 2 ** 31)) {
    throw wrongArgument("retry", "milliseconds", retry);
  }
  const over = new AbortController();
  res.on("close", () => over.abort());
  const sendRetry = (): void => void res.write(`retry: ${jittered(retry)}\n\n`);

  // A stream has no next response; a client that knows that from the start sends none at the end.
  if (req.httpVersionMajor === 1) res.shouldKeepAlive = false;
  res.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    // nginx would hold events back until its buffer is full.
    "X-Accel-Buffering": "no",
  });
  sendRetry();
  const close = (): void => {
    if (!res.writableEnded) res.end();
    over.abort();
  };
  // No client comes back to the rest of what a POST was answered with: that has an end of the application's.
  if (req.method === "GET") {
    service.goodbye(res, () => {
      if (!res.writableEnded) sendRetry();
      close();
    });
  }
  return {
    lastEventId: req.headers["last-event-id"]?.toString(),
    signal: over.signal,
    send: (event) => !over.signal.aborted && !res.writableEnded && res.write(format(event)),
    close,
  };
}

/** Between half and one and a half of it. */
function jittered(time: number): number {
  return Math.round(time * (0.5 + Math.random()));
}

function format(event: string | ServerSentEvent): string {
  if (typeof event === "string") return format({ data: event });
  const lines = event.data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `${field("event", event.event)}${field("id", event.id)}${lines.join("")}\n`;
}

function field(name: string, value: string | undefined): string {
  if (value === undefined) return "";
  if (/[\r\n\0]/.test(value)) throw wrongArgument(name, "one line without a NUL", value);
  return `${name}: ${value}\n`;
}
