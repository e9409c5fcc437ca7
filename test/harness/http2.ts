import { once, type EventEmitter } from "node:events";
import http2, {
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { Server } from "node:net";
import type { RequestListener } from "node:http";
import type { TestContext } from "node:test";

import { lastcall, type AttachableServer, type LastcallOptions, type Service } from "lastcall";

import { listen, QUIET } from "./serve.js";
import { certificate } from "./tls.js";
import { withResolvers, type Target } from "./wire.js";

/** Which of Node's two interfaces the application is written for. */
export type Api = "compat" | "stream";

export interface HeldStream {
  stream: ServerHttp2Stream;
  headers: IncomingHttpHeaders;
}

/** As `Hold`, for applications of the stream API. */
export class HoldStreams {
  count = 0;
  readonly #arrived: HeldStream[] = [];
  readonly #takers: ((held: HeldStream) => void)[] = [];

  readonly app = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    this.count++;
    stream.on("error", () => {}); // a test that cuts streams looks at the client's side
    const taker = this.#takers.shift();
    if (taker === undefined) this.#arrived.push({ stream, headers });
    else taker({ stream, headers });
  };

  /** The next stream, as soon as the application has it. */
  next(): Promise<HeldStream> {
    const held = this.#arrived.shift();
    if (held !== undefined) return Promise.resolve(held);
    const { promise, resolve } = withResolvers<HeldStream>();
    this.#takers.push(resolve);
    return promise;
  }
}

export interface ServedHttp2 {
  service: Service;
  server: AttachableServer;
  target: Target;
  url: string;
}

export interface Http2Options {
  tls?: boolean;
  allowHTTP1?: boolean;
}

/** An application of the compatibility API, or one of the stream API. */
export type Http2App = { compat: RequestListener } | { stream: HoldStreams["app"] };

/** A server of HTTP/2 without anything attached. */
export function createHttp2(app: Http2App, options: Http2Options = {}): AttachableServer {
  const { tls = false, allowHTTP1 = false } = options;
  const server = tls
    ? http2.createSecureServer({ ...certificate, allowHTTP1 })
    : http2.createServer();
  if ("compat" in app) server.on("request", app.compat);
  else server.on("stream", app.stream);
  return server;
}

/** As `serve`, for HTTP/2. */
export async function serveHttp2(
  t: TestContext,
  app: Http2App,
  options: LastcallOptions & Http2Options = {},
): Promise<ServedHttp2> {
  const { tls = false, allowHTTP1 = false, ...rest } = options;
  const service = lastcall({ ...QUIET, lameDuck: false, ...rest });
  const server = service.attach(createHttp2(app, { tls, allowHTTP1 }));
  t.after(() => service.abort().catch(() => {}));
  return { service, server, ...(await listenHttp2(server, tls)) };
}

/** Listens on a free port; resolves to where that is. */
export async function listenHttp2(
  server: Server,
  tls = false,
): Promise<{ target: Target; url: string }> {
  const port = await listen(server);
  return { target: { port, tls }, url: `${tls ? "https" : "http"}://127.0.0.1:${port}` };
}

/** What became of one request, as the client saw it. */
export interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** RFC 9113 §7; 0 for a stream that ended in order. */
  rstCode: number;
  /** Whether every byte came and the stream ended in order. */
  isWhole: boolean;
  /** Whether the server said that it has not looked at the request (RFC 9113 §8.7). */
  isRetrySafe: boolean;
}

const REFUSED_STREAM = 7;

/** A session of Node's own client, destroyed when the test is over. */
export async function openSession(
  t: TestContext,
  url: string,
  options: http2.SecureClientSessionOptions = {},
): Promise<ClientHttp2Session> {
  const session = http2.connect(url, { rejectUnauthorized: false, ...options });
  session.on("error", () => {}); // each request says for itself what became of it
  t.after(() => session.destroy());
  await once(session, "remoteSettings");
  return session;
}

/** Sends a request and resolves to what became of it; never rejects. */
export async function ask(
  session: ClientHttp2Session,
  path: string,
  { method = "GET", body, ...headers }: OutgoingHttpHeaders & { body?: string } = {},
): Promise<Answer> {
  const chunks: Buffer[] = [];
  let answer: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
  let ended = false;
  let wasSent = true;
  try {
    const stream = session.request({ ":path": path, ":method": method, ...headers });
    stream.on("error", () => {});
    // Its head met a GOAWAY on the client's own side, and never reached the wire.
    stream.on("frameError", () => {
      wasSent = false;
    });
    stream.on("response", (head) => {
      answer = head;
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      ended = true;
    });
    stream.end(body);
    await closeOf(stream);
    const { rstCode } = stream;
    // From Node 24 on a session that takes no more requests says so on a stream without an id.
    wasSent &&= stream.id !== undefined;
    const isWhole = ended && rstCode === 0 && answer[":status"] !== undefined;
    return result(rstCode, isWhole, !wasSent || rstCode === REFUSED_STREAM);
  } catch {
    // The session takes no more requests: nothing was sent.
    return result(REFUSED_STREAM, false, true);
  }

  function result(rstCode: number, isWhole: boolean, isRetrySafe: boolean): Answer {
    const status = answer[":status"];
    return { status, headers: answer, body: Buffer.concat(chunks), rstCode, isWhole, isRetrySafe };
  }
}

/** Resolves when it is closed, with or without an error; `once` would reject. */
export function closeOf(stream: EventEmitter): Promise<void> {
  return new Promise((resolve) => stream.once("close", () => resolve()));
}

/** Resolves to what the session's GOAWAY says, the first that comes. */
export async function goaway(session: ClientHttp2Session): Promise<{ code: number; last: number }> {
  const [code, last] = (await once(session, "goaway")) as [number, number];
  return { code, last };
}
