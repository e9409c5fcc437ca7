import type { ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";

import type { Exchange } from "./connection.js";
import type { InFlight } from "./in-flight.js";
import { sentHead } from "./node-internals.js";
import type { StreamInFlight } from "./session.js";

/**
 * Ends an event stream whose own code does not. It has no length and no last event, so it is whole
 * wherever it ends, and its client reconnects. Any other response that were ended early would be taken for
 * a whole one: that must end in a way that the client can tell from success. Returns whether it was one.
 */
export function endEventStream(item: InFlight): boolean {
  const { answer, type } = isExchange(item) ? answerOf(item.res) : streamOf(item);
  if (answer.writableEnded || !/^text\/event-stream\b/i.test(type)) return false;
  // Its code does not know, and writes on; without a listener that would be an uncaught exception.
  answer.on("error", () => {});
  answer.end();
  return true;
}

function isExchange(item: InFlight): item is Exchange {
  return "res" in item;
}

/** What answers a request, and the type that its head has said; empty before there is a head. */
interface Answered {
  readonly answer: ServerResponse | ServerHttp2Stream;
  readonly type: string;
}

function answerOf(res: ServerResponse): Answered {
  // What writeHead() was given never shows in getHeader().
  const [, sent] = /^content-type: *(.*)$/im.exec(sentHead(res)) ?? [];
  const type = res.headersSent ? (sent ?? res.getHeader("content-type") ?? "") : "";
  return { answer: res, type: String(type) };
}

function streamOf(item: InFlight): Answered {
  const { stream } = (item as StreamInFlight).req;
  // Undefined before there is a head, whatever its type says.
  const head = stream.sentHeaders as typeof stream.sentHeaders | undefined;
  return { answer: stream, type: String(head?.["content-type"] ?? "") };
}
