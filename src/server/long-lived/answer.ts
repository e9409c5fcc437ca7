import type { ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";

import { streamOf } from "../../request/stream.js";
import type { Exchange } from "../http1/exchange.js";
import type { InFlight } from "../connection/in-flight.js";
import { isHeadSent, sentHead } from "../node-internals.js";

/** What answers a request: a response of HTTP/1, a stream of HTTP/2. */
export type Answer = ServerResponse | ServerHttp2Stream;

export function answerOf(item: InFlight): Answer {
  return streamOf(item.req) ?? (item as Exchange).res;
}

/** Calls back when the head of the answer is sent, which may be now. */
export function whenBegun(item: InFlight, begun: () => void): void {
  const stream = streamOf(item.req);
  if (stream !== undefined) whenResponded(stream, begun);
  else if (isHeadSent((item as Exchange).res)) begun();
  else (item as Exchange).begun = begun;
}

/** Both APIs of HTTP/2 send the head through this one method of the stream. */
function whenResponded(stream: ServerHttp2Stream, responded: () => void): void {
  if (stream.headersSent) {
    responded();
    return;
  }
  const respond = stream.respond.bind(stream);
  stream.respond = (...args) => {
    respond(...args);
    responded();
  };
}

/** The type that the head of an answer has said; empty where it said none. */
export function typeOf(answer: Answer): string {
  return sentField(answer, "content-type");
}

/** Whether the head of an answer has said that its body is compressed. */
export function isCompressed(answer: Answer): boolean {
  return sentField(answer, "content-encoding") !== "";
}

function sentField(answer: Answer, field: string): string {
  if ("sentHeaders" in answer) {
    // As they were written, in whichever case.
    const names = Object.keys(answer.sentHeaders);
    const name = names.find((each) => each.toLowerCase() === field);
    return name === undefined ? "" : String(answer.sentHeaders[name]);
  }
  // What writeHead() was given never shows in getHeader().
  const [, sent] = new RegExp(`^${field}: *(.*)$`, "im").exec(sentHead(answer)) ?? [];
  return sent ?? "";
}
