import assert from "node:assert/strict";
import { once } from "node:events";
import http2, { type ClientHttp2Stream, type ServerHttp2Stream } from "node:http2";
import { test, type TestContext } from "node:test";

import { WebSocket } from "ws";

import { createHttp2, serveHttp2 } from "../../harness/http2.js";
import { listen } from "../../harness/serve.js";

const TUNNEL = { ":method": "CONNECT", ":authority": "far:1" };

/** The abort instant comes after 9 s. */
const SOON = { gracePeriod: 15_000, closeSpread: 100, timeouts: { idle: 100, goodbye: 400 } };

/** Sends back what it is sent, and ends with the client. */
function echo(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 200 });
  stream.on("error", () => {}).pipe(stream);
}

async function openTunnel(
  t: TestContext,
  url: string,
  head: http2.OutgoingHttpHeaders = TUNNEL,
): Promise<ClientHttp2Stream> {
  const session = http2.connect(url);
  t.after(() => session.destroy());
  await once(session, "remoteSettings");
  const stream = session.request(head, { endStream: false });
  stream.on("error", () => {});
  stream.write("hello");
  await once(stream, "data");
  return stream;
}

test("a tunnel in a stream of HTTP/2 is ended at a silent moment, as one of HTTP/1 is", async (t) => {
  const { service, url } = await serveHttp2(t, { stream: echo }, SOON);
  const stream = await openTunnel(t, url);
  const ended = once(stream.resume(), "end");
  void ended.then(() => stream.end());

  const { outcome, connections, requests, goodbyes } = await service.drain();

  await ended;
  assert.equal(stream.rstCode, http2.constants.NGHTTP2_NO_ERROR);
  assert.deepEqual([outcome, connections.cut, requests.unfinished], ["clean", 0, 0]);
  assert.deepEqual(goodbyes, { said: 1, overdue: 0 });
  assert.equal(connections.upgradedEnded, 1);
});

test("a tunnel in a stream of HTTP/2 that is never silent holds no drain", async (t) => {
  const { service, url } = await serveHttp2(t, { stream: echo }, SOON);
  const stream = await openTunnel(t, url);
  stream.on("data", () => void (stream.writable && stream.write("on and on")));
  stream.write("on and on");

  const { outcome, durationMs, connections, requests } = await service.drain();

  assert.ok(durationMs < 8_000, `${durationMs} ms`);
  assert.deepEqual([outcome, connections.cut, requests.unfinished], ["clean", 0, 0]);
});

test("a WebSocket over HTTP/2 that `ws` drives: 1001", async (t) => {
  const options = { isServer: true, autoPong: true };
  const { service, server, url } = await serveHttp2(
    t,
    {
      stream: (stream) => {
        stream.respond({ ":status": 200 });
        drive(stream, options);
      },
    },
    SOON,
  );
  (server as http2.Http2Server).updateSettings({ enableConnectProtocol: true });
  const session = http2.connect(url);
  t.after(() => session.destroy());
  await once(session, "remoteSettings");
  const head = { ...TUNNEL, ":protocol": "websocket", ":scheme": "http", ":path": "/" };
  const stream = session.request(head, { endStream: false });
  await once(stream, "response");
  const client = drive(stream, { autoPong: true });
  const closed = once(client, "close");

  const { outcome } = await service.drain();

  assert.equal((await closed)[0], 1001);
  assert.equal(outcome, "clean");
});

test("(control: a plain server's tunnel stays open, and its close() waits for ever)", async (t) => {
  const server = createHttp2({ stream: echo }) as http2.Http2Server;
  const stream = await openTunnel(t, `http://127.0.0.1:${await listen(server)}`);
  let isClosed = false;
  server.close(() => {
    isClosed = true;
  });
  stream.write("still here");
  await once(stream, "data");
  assert.equal(isClosed, false);
});

/** As `ws` does it itself, which takes sockets of HTTP/1 alone. */
function drive(stream: ServerHttp2Stream | ClientHttp2Stream, options: object): WebSocket {
  const Socket = WebSocket as unknown as new (...args: unknown[]) => WebSocket & {
    _isServer: boolean;
    setSocket(socket: unknown, head: Buffer, options: object): void;
  };
  const socket = new Socket(null, undefined, options);
  socket._isServer = "isServer" in options;
  Object.assign(stream, { setNoDelay: () => {} });
  socket.on("error", () => {});
  socket.setSocket(stream, Buffer.alloc(0), { maxPayload: 1_000, allowSynchronousEvents: true });
  return socket;
}
