import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { IncomingHttpHeaders } from "node:http2";
import type net from "node:net";
import type { Followed } from "../protocol.js";
import type { Recorder } from "./record.js";

/** What is told of where it is made; of two channels the first, which Node 20 does not have, is nearer. */
const CALLS: readonly [channel: string, type: Followed, property: string][] = [
  ["http.client.request.created", "ClientRequest", "request"],
  ["http.client.request.start", "ClientRequest", "request"],
  ["undici:request:create", "UndiciRequest", "request"],
  ["child_process", "ChildProcess", "process"],
  ["worker_threads", "Worker", "worker"],
];

/** The connection of a request, or its stream. */
type Closable = Pick<net.Socket, "once">;

interface Http2Message {
  readonly stream: Closable;
  readonly headers: IncomingHttpHeaders;
}

/** Tells of each request that a server begins, with its id, where all that it does will begin. */
export function hearRequests(begin: (id: unknown, closable: Closable) => void): void {
  diagnostics.subscribe("http.server.request.start", (message) => {
    const { headers, socket } = (message as { request: IncomingMessage }).request;
    begin(headers["x-request-id"], socket);
  });
  const beginStream = ({ stream, headers }: Http2Message): void => {
    begin(headers["x-request-id"], stream);
  };
  diagnostics.subscribe("http2.server.stream.created", (message) => {
    beginStream(message as Http2Message);
  });
  // Node 20 has no such channel.
  if (Number.parseInt(process.versions.node, 10) >= 22) return;
  diagnostics.subscribe("tracing:net.server.listen:asyncStart", (message) => {
    const { server } = message as { server: net.Server };
    if (!server.constructor.name.startsWith("Http2")) return;
    server.prependListener("stream", (stream: Closable, headers: IncomingHttpHeaders) => {
      beginStream({ stream, headers });
    });
  });
}

/** Follows what outlasts Node's own resource of it. */
export function hearCalls(recorder: Recorder): void {
  for (const [channel, type, property] of CALLS) {
    diagnostics.subscribe(channel, (message) => {
      recorder.follow(type, (message as Record<string, object>)[property] ?? {});
    });
  }
}
