import assert from "node:assert/strict";
import http, { type RequestListener } from "node:http";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import type { Service } from "lastcall";

import { Hold } from "../harness/hold.js";
import { listen, plain, serve } from "../harness/serve.js";
import { connect, type Target, type Wire } from "../harness/wire.js";

/** Reads the whole body before it answers, as most do. */
const reader: RequestListener = (req, res) => {
  req.resume();
  req.once("end", () => res.end("read"));
};

const HALF_HEAD = "GET / HTTP/1.1\r\nHo";
const HALF_BODY = "POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n01234";
/** How a TLS handshake begins: the record's header, and less than it promises. */
const HALF_HELLO = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]);

/** When it resolves, the server has accepted and read what other clients sent before it. */
async function roundTrip(target: Target): Promise<void> {
  const wire = await connect(target);
  await wire.get("/", "Connection: close\r\n");
  await wire.response();
}

/** A connection on which the server has read `sent`, and waits for the rest. */
async function stall(target: Target, sent: string | Buffer): Promise<Wire> {
  const wire = await connect({ ...target, tls: false });
  if (sent !== "") await wire.send(sent);
  await roundTrip(target);
  return wire;
}

function listenersClosed(service: Service): Promise<unknown> {
  return new Promise((resolve) => service.on("listeners-closed", resolve));
}

for (const tls of [false, true]) {
  const kind = tls ? "zero-byte connection to https" : "zero-byte connection";

  test(`33. ${kind} at D → closed in its own time, drain not held`, async (t) => {
    const { service, target } = await serve(t, reader, { tls, timeouts: { idle: 100 } });
    const wire = await stall(target, "");

    const closed = listenersClosed(service);
    const drained = service.drain();
    await closed;
    assert.equal(wire.end, "open");

    assert.equal(await wire.ended(), "fin");
    assert.equal(wire.text, "");
    const { outcome, durationMs, connections } = await drained;
    assert.equal(outcome, "clean");
    assert.equal(connections.idleClosed, 1);
    assert.ok(durationMs >= 100, `closed after ${durationMs} ms`);
    // Its cut would be 24 s after D.
    assert.ok(durationMs < 10_000, `held ${durationMs} ms`);
  });
}

test("33. zero-byte connection at D whose request comes within the linger → 200 and close", async (t) => {
  const { service, target } = await serve(t, reader, { timeouts: { idle: 10_000 } });
  const wire = await stall(target, "");

  const closed = listenersClosed(service);
  const drained = service.drain();
  await closed;
  await wire.get("/");

  const response = await wire.response();
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("connection"), "close");
  assert.equal(await wire.ended(), "fin");
  assert.equal((await drained).outcome, "clean");
});

test("33. (control: a plain server waits for it for ever, or since Node 26 shoots it at once)", async (t) => {
  const { server, target } = await plain(t, reader);
  const wire = await stall(target, "");
  server.close();
  if (Number(process.versions.node.split(".")[0]) >= 26) {
    assert.equal(await wire.ended(), "fin");
    return;
  }
  await sleep(1_000);
  assert.equal(wire.end, "open");
});

test("34. stalled head, stalled body after LC → closed at their timeouts, drain not held", async (t) => {
  const { service, target } = await serve(t, reader, { timeouts: { head: 200, body: 300 } });
  const [head, body] = [await stall(target, HALF_HEAD), await stall(target, HALF_BODY)];

  const report = await service.drain();

  for (const wire of [head, body]) {
    assert.equal((await wire.response()).status, 408);
    await wire.ended();
  }
  assert.deepEqual(
    report.connections.stalled.map(({ kind, method, route }) => [kind, method, route]),
    [
      ["head", undefined, undefined],
      ["body", "POST", "/upload"],
    ],
  );
  assert.equal(report.outcome, "clean");
  assert.equal(report.connections.cut, 0);
  assert.ok(report.durationMs >= 300, `closed after ${report.durationMs} ms`);
  assert.ok(report.durationMs < 10_000, `held ${report.durationMs} ms`);
});

test("34. a head that begins within the linger and stalls after LC → the same", async (t) => {
  const { service, target } = await serve(t, reader, { timeouts: { head: 200, idle: 5_000 } });
  const wire = await stall(target, "");
  const closed = listenersClosed(service);
  const drained = service.drain();
  await closed;
  await wire.send(HALF_HEAD);

  const { connections, outcome, durationMs } = await drained;

  assert.equal((await wire.response()).status, 408);
  assert.deepEqual(
    connections.stalled.map(({ kind }) => kind),
    ["head"],
  );
  assert.equal(outcome, "clean");
  assert.ok(durationMs < 10_000, `held ${durationMs} ms`);
});

test("34. a stalled TLS handshake → the same", async (t) => {
  const { service, target } = await serve(t, reader, { tls: true, timeouts: { head: 200 } });
  const wire = await stall(target, HALF_HELLO);

  const { connections, outcome, durationMs } = await service.drain();

  await wire.ended();
  assert.deepEqual(
    connections.stalled.map(({ kind }) => kind),
    ["head"],
  );
  assert.equal(outcome, "clean");
  assert.ok(durationMs < 10_000, `held ${durationMs} ms`);
});

test("34. a head that drips byte by byte is closed at its timeout all the same, a body that moves is not", async (t) => {
  const { service, target } = await serve(t, reader, { timeouts: { head: 400, body: 400 } });
  const [head, body] = [await stall(target, HALF_HEAD), await stall(target, HALF_BODY)];

  const drained = service.drain();
  const since = performance.now();
  for (const byte of "56789") {
    await sleep(150);
    await body.send(byte);
    if (head.end === "open") await head.send("x");
  }

  // The rest of the body took longer than its timeout would let it stand still.
  assert.ok(performance.now() - since > 700);
  const response = await body.response();
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("connection"), "close");
  assert.equal((await head.response()).status, 408);
  assert.deepEqual(
    (await drained).connections.stalled.map(({ kind }) => kind),
    ["head"],
  );
});

test("34. (control: the same stalls hold a plain server's close() for ever)", async (t) => {
  // Node's own timeouts, much shorter than by default.
  const create = async (timeout: number): Promise<{ server: http.Server; wires: Wire[] }> => {
    const timeouts = { headersTimeout: timeout, requestTimeout: timeout };
    const server = http.createServer({ ...timeouts, connectionsCheckingInterval: 50 }, reader);
    t.after(() => server.close().closeAllConnections());
    const target = { port: await listen(server) };
    const wires = [await stall(target, HALF_HEAD), await stall(target, HALF_BODY)];
    return { server, wires };
  };

  const serving = await create(200);
  for (const wire of serving.wires) assert.equal((await wire.response()).status, 408);

  const { server, wires } = await create(1_500);
  let isClosed = false;
  server.close(() => (isClosed = true));
  await sleep(2_500);
  assert.equal(isClosed, false);
  for (const wire of wires) assert.deepEqual([wire.end, wire.text], ["open", ""]);
});

/**
 * A client that sends `/2` after it has seen the head of `/1`'s response, which says close; resolves to
 * what of it the application was given, and to what the client was answered.
 */
async function sendAfterClose(
  t: TestContext,
  target: Target,
  hold: Hold,
  stop: () => void,
): Promise<{ executed: (string | undefined)[]; wire: Wire }> {
  const [wire, witness] = [await connect(target), await connect(target)];
  t.after(() => wire.close());
  await wire.get("/1");
  const { res } = await hold.next();

  stop();
  res.setHeader("Connection", "close").setHeader("Content-Length", 5).write("h");
  await wire.sees("\r\n\r\nh");
  await wire.get("/2");
  await witness.get("/witness");
  const executed: (string | undefined)[] = [];
  while (!executed.includes("/witness")) executed.push((await hold.next()).req.url);
  res.end("ello");

  const response = await wire.response();
  assert.equal(response.body, "hello");
  assert.equal(response.headers.get("connection"), "close");
  witness.close();
  return { executed, wire };
}

test("35. a request sent after a `close` response on the same connection is not processed", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app, { timeouts: { idle: 10_000 } });
  let drained: ReturnType<Service["drain"]> | undefined;

  const { executed, wire } = await sendAfterClose(t, target, hold, () => {
    drained = service.drain();
  });

  assert.deepEqual(executed, ["/witness"]);
  assert.equal(await wire.ended(), "fin");
  assert.equal(wire.rest, "");
  const report = await drained;
  assert.equal(report?.requests.refused, 1);
  assert.equal(report?.outcome, "clean");
});

test("35. (control: a plain server runs it, and nobody hears the answer)", async (t) => {
  const hold = new Hold();
  const { target } = await plain(t, hold.app);

  const { executed, wire } = await sendAfterClose(t, target, hold, () => {});

  assert.deepEqual(executed, ["/2", "/witness"]);
  await wire.ended();
  assert.equal(wire.rest, "");
});

for (const tls of [false, true]) {
  test(`35. a request that arrives with the end of a \`close\` response is not processed either${tls ? ", over TLS" : ""}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls });
    const wire = await connect(target);
    await wire.get("/1");
    const { res } = await hold.next();

    const drained = service.drain();
    // In one turn: the server cannot have read the one before it has sent the other.
    res.end("hello");
    void wire.get("/2");

    const response = await wire.response();
    assert.equal(response.body, "hello");
    assert.equal(response.headers.get("connection"), "close");
    await wire.ended();
    assert.equal(wire.rest, "");
    assert.equal((await drained).outcome, "clean");
    assert.equal(hold.count, 1);
  });
}
