import assert from "node:assert/strict";
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { test, type TestContext } from "node:test";

import {
  ClientGoneError,
  DrainAbortedError,
  lastcall,
  LastcallError,
  requestSignal,
} from "lastcall";

import { Hold } from "../harness/hold.js";
import { plain, QUIET, serve } from "../harness/serve.js";
import { connect, type Target } from "../harness/wire.js";

/** Every claim about a request's client holds on an attached server, on TLS, and on any other. */
const SERVERS: [string, (t: TestContext, hold: Hold) => Promise<Target>][] = [
  ["attached", async (t, hold) => (await serve(t, hold.app)).target],
  ["attached, TLS", async (t, hold) => (await serve(t, hold.app, { tls: true })).target],
  ["not attached", async (t, hold) => (await plain(t, hold.app)).target],
];

async function aborted(signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await once(signal, "abort");
  return signal.reason;
}

/** Lets everything that is on its way arrive. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

for (const [kind, open] of SERVERS) {
  test(`${kind}: the same signal for the same request, another for another`, async (t) => {
    const hold = new Hold();
    const client = await connect(await open(t, hold));
    await client.get("/");
    const first = await hold.next();
    const signal = requestSignal(first.req);
    assert.equal(requestSignal(first.req), signal);
    assert.equal(signal.aborted, false);
    first.res.end();
    await client.response();
    await client.get("/");
    const second = await hold.next();
    assert.notEqual(requestSignal(second.req), signal);
    second.res.end();
    await client.response();
    client.close();
  });

  test(`${kind}: aborts with ClientGoneError when the client leaves`, async (t) => {
    const hold = new Hold();
    const client = await connect(await open(t, hold));
    await client.get("/");
    const { req } = await hold.next();
    const signal = requestSignal(req);
    client.close();
    const reason = await aborted(signal);
    assert.ok(reason instanceof ClientGoneError);
    assert.equal(reason.code, "ERR_LASTCALL_CLIENT_GONE");
    // Who asks only now gets the same answer.
    assert.equal(requestSignal(req), signal);
  });

  test(`${kind}: aborts with ClientGoneError for a request that something has wrapped`, async (t) => {
    const hold = new Hold();
    const client = await connect(await open(t, hold));
    await client.get("/");
    const { req } = await hold.next();
    const [derived, proxy] = [Object.create(req) as IncomingMessage, new Proxy(req, {})];
    const signals = [requestSignal(derived), requestSignal(proxy)];
    client.close();
    for (const signal of signals) assert.ok((await aborted(signal)) instanceof ClientGoneError);
  });

  test(`${kind}: aborts with ClientGoneError while the body is still arriving`, async (t) => {
    const hold = new Hold();
    const client = await connect(await open(t, hold));
    await client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf");
    const { req } = await hold.next();
    req.on("error", () => {});
    const signal = requestSignal(req);
    await once(req, "data");
    client.close();
    assert.ok((await aborted(signal)) instanceof ClientGoneError);
  });

  test(`${kind}: aborts with ClientGoneError when the client leaves in the middle of the response`, async (t) => {
    const hold = new Hold();
    const client = await connect(await open(t, hold));
    await client.get("/");
    const { req, res } = await hold.next();
    const signal = requestSignal(req);
    res.write("half");
    await client.sees("half");
    client.close();
    assert.ok((await aborted(signal)) instanceof ClientGoneError);
  });

  test(`${kind}: asked for after the client has left, it is aborted already`, async (t) => {
    const hold = new Hold();
    const client = await connect(await open(t, hold));
    await client.get("/");
    const { req } = await hold.next();
    client.close();
    await once(req.socket, "close");
    assert.ok(requestSignal(req).reason instanceof ClientGoneError);
  });

  test(`${kind}: does not abort after a finished response, whenever it was asked for`, async (t) => {
    const hold = new Hold();
    const client = await connect(await open(t, hold));
    await client.get("/early");
    const early = await hold.next();
    const signals = [requestSignal(early.req)];
    early.res.end();
    await client.response();
    await client.get("/late");
    const late = await hold.next();
    late.res.end();
    await client.response();
    signals.push(requestSignal(late.req));
    await client.get("/last");
    const last = await hold.next();
    last.res.setHeader("Connection", "close");
    last.res.end();
    await client.response();
    const socket = last.req.socket;
    if (!socket.destroyed) await once(socket, "close");
    // Asked for when the whole connection is gone.
    signals.push(requestSignal(last.req));
    client.close();
    await turns();
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, false, false],
    );
  });

  test(`${kind}: a pipelined request whose turn has not come: ClientGoneError too, and none once it is answered`, async (t) => {
    const hold = new Hold();
    const client = await connect(await open(t, hold));
    for (const path of ["/1", "/2", "/3"]) await client.get(path);
    const held = [await hold.next(), await hold.next(), await hold.next()];
    const signals = held.map(({ req }) => requestSignal(req));
    held[1]?.res.end("2");
    held[0]?.res.end("1");
    assert.equal((await client.response()).body, "1");
    assert.equal((await client.response()).body, "2");
    client.close();
    const [, , third] = signals as [AbortSignal, AbortSignal, AbortSignal];
    assert.ok((await aborted(third)) instanceof ClientGoneError);
    await turns();
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, false, true],
    );
  });

  test(`${kind}: twenty pipelined requests that ask are no leak`, async (t) => {
    const warnings: Error[] = [];
    const hear = (warning: Error): void => void warnings.push(warning);
    process.on("warning", hear);
    const hold = new Hold();
    const client = await connect(await open(t, hold));
    const signals: AbortSignal[] = [];
    for (let index = 0; index < 20; index++) {
      await client.get(`/${index}`);
      signals.push(requestSignal((await hold.next()).req));
    }
    client.close();
    for (const signal of signals) assert.ok((await aborted(signal)) instanceof ClientGoneError);
    await turns();
    process.off("warning", hear);
    assert.deepEqual(warnings, []);
  });
}

test("aborts with DrainAbortedError at the abort instant, and a cooperative handler's 503 is delivered", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app, {
    gracePeriod: 1_000,
    abortWindow: 300,
    closingWindow: 100,
  });
  const client = await connect(target);
  await client.get("/");
  const { req, res } = await hold.next();
  const signal = requestSignal(req);
  const drained = service.drain();
  const reason = await aborted(signal);
  assert.equal(service.phase, "aborting");
  assert.ok(reason instanceof DrainAbortedError);
  assert.ok(reason instanceof LastcallError);
  assert.equal(reason.code, "ERR_LASTCALL_DRAIN_ABORTED");
  assert.ok(reason.timeLeftMs >= 0 && reason.timeLeftMs <= 301, `${reason.timeLeftMs} ms left`);
  res.writeHead(503).end("stopping");
  const { status, body } = await client.response();
  assert.equal(status, 503);
  assert.equal(body, "stopping");
  await drained;
});

test("a handler that asks only after the abort instant gets an aborted signal", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const client = await connect(target);
  await client.get("/");
  const { req } = await hold.next();
  const aborting = new Promise((resolve) => service.on("request-abort", resolve));
  const drained = service.abort();
  await aborting;
  await turns();
  const { reason } = requestSignal(req);
  assert.ok(reason instanceof DrainAbortedError);
  assert.equal(reason.timeLeftMs, 0);
  const { requests } = await drained;
  assert.equal(requests.aborted[0]?.reaction, "no signal");
});

test("an upgrade has no response: its signal follows the socket", async (t) => {
  const service = lastcall({ ...QUIET, lameDuck: false });
  t.after(() => service.abort());
  const server = service.attach(http.createServer());
  const upgraded = once(server, "upgrade") as Promise<[IncomingMessage, Socket]>;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const client = await connect({ port });
  await client.get("/", "Connection: upgrade\r\nUpgrade: test\r\n");
  const [req, socket] = await upgraded;
  // The socket is the application's now, its end too.
  socket.resume().on("end", () => socket.end());
  const signal = requestSignal(req);
  assert.equal(signal.aborted, false);
  client.close();
  assert.ok((await aborted(signal)) instanceof ClientGoneError);
});

test("what is no request of a server is refused", () => {
  for (const value of [undefined, null, {}, "GET /", new Request("http://localhost/")]) {
    assert.throws(() => requestSignal(value as never), {
      code: "ERR_LASTCALL_ARGUMENT",
      message: /^Expected `req` to be the request of a Node server, or a stream of HTTP\/2, got /,
    });
  }
});
