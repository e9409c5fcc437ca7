import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { test } from "node:test";

import {
  connectFrames,
  GOAWAY,
  HEADERS,
  openFrames,
  RST_STREAM,
  SETTINGS,
} from "../harness/frames.js";
import { Hold } from "../harness/hold.js";
import {
  ask,
  closeOf,
  createHttp2,
  goaway,
  HoldStreams,
  listenHttp2,
  openSession,
  serveHttp2,
} from "../harness/http2.js";

const NO_ERROR = 0;
const INTERNAL_ERROR = 2;

for (const tls of [false, true]) {
  const over = tls ? "over TLS" : "h2c";

  test(`48. stream in flight at D → GOAWAY(≥ its id, NO_ERROR), 200, session closed (${over}, compat)`, async (t) => {
    const hold = new Hold();
    const { service, url } = await serveHttp2(t, { compat: hold.app }, { tls });
    const session = await openSession(t, url);
    const answer = ask(session, "/report");
    const { res } = await hold.next();
    const told = goaway(session);
    const closed = once(session, "close");

    const drained = service.drain();
    assert.deepEqual(await told, { code: NO_ERROR, last: 1 });
    res.end("the report");

    const { status, body, isWhole } = await answer;
    assert.deepEqual([status, String(body), isWhole], [200, "the report", true]);
    await closed;
    const report = await drained;
    assert.equal(report.outcome, "clean");
    assert.equal(report.requests.inFlight, 1);
    assert.equal(report.requests.unfinished, 0);
  });

  test(`48. … (${over}, stream API, on the wire)`, async (t) => {
    const hold = new HoldStreams();
    const { service, target } = await serveHttp2(t, { stream: hold.app }, { tls });
    const client = await openFrames(target);
    await client.request(1, "GET", "/one");
    await client.request(3, "GET", "/three");
    const held = [await hold.next(), await hold.next()];

    const drained = service.drain();
    await client.sees(GOAWAY);
    for (const { stream, headers } of held) {
      stream.respond({ ":status": 200 });
      stream.end(`body of ${headers[":path"]}`);
    }

    assert.deepEqual(await client.response(1), { ok: true, body: "body of /one" });
    assert.deepEqual(await client.response(3), { ok: true, body: "body of /three" });
    assert.equal(await client.wire.ended(), "fin");
    assert.deepEqual(client.goaways[0], { last: 3, code: NO_ERROR });
    assert.equal((await drained).outcome, "clean");
  });
}

const nodeSendsGoaway = Number(process.versions.node.split(".")[0]) >= 24;

test(
  "48. (control: a plain server's close() says nothing, and the session stays)",
  { skip: nodeSendsGoaway && "Node sends GOAWAY itself from 24 on" },
  async (t) => {
    const hold = new Hold();
    const server = createHttp2({ compat: hold.app });
    const { target } = await listenHttp2(server);
    const client = await openFrames(target);
    t.after(() => client.wire.close());
    await client.request(1, "GET", "/one");
    const { res } = await hold.next();

    server.close();
    res.end();
    await client.response(1);
    await client.request(3, "GET", "/three");
    (await hold.next()).res.end();
    await client.response(3);

    assert.deepEqual(client.goaways, []);
    assert.equal(client.wire.end, "open");
  },
);

test("48. (control: closing sockets that look idle, as most drains do, loses the stream in flight)", async (t) => {
  const hold = new Hold();
  const server = createHttp2({ compat: hold.app });
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => sockets.add(socket));
  const { url } = await listenHttp2(server);
  const session = await openSession(t, url);
  const answer = ask(session, "/report");
  await hold.next();

  server.close();
  // Nobody sees a request on the raw socket of a session.
  for (const socket of sockets) socket.destroy();

  const { isWhole, isRetrySafe } = await answer;
  assert.deepEqual([isWhole, isRetrySafe], [false, false]);
});

test("49. racing stream → REFUSED_STREAM or above lastStreamID, handler not executed", async (t) => {
  const hold = new Hold();
  const { service, target } = await serveHttp2(t, { compat: hold.app });
  const client = await openFrames(target);
  await client.request(1, "POST", "/in-flight", true);
  const { req, res } = await hold.next();
  let length = 0;
  req.on("data", (chunk: Buffer) => (length += chunk.length));
  const read = once(req, "end");

  const drained = service.drain();
  await client.sees(GOAWAY);
  // A whole connection window of bodies that nobody will read must not stop the one in flight.
  for (const stream of [3, 5, 7, 9]) {
    await client.request(stream, "POST", "/late", true);
    await client.data(stream, Buffer.alloc(16_000), true);
  }
  for (let i = 0; i < 3; i++) await client.data(1, Buffer.alloc(16_000), i === 2);
  await read;
  res.end("done");

  assert.deepEqual(await client.response(1), { ok: true, body: "done" });
  assert.equal(length, 48_000);
  assert.equal(await client.wire.ended(), "fin");
  for (const stream of [3, 5, 7, 9]) {
    assert.deepEqual(client.of(HEADERS, stream), []);
    const refusals = client.of(RST_STREAM, stream).map(({ payload }) => payload.readUInt32BE(0));
    assert.ok((client.goaways[0]?.last ?? stream) < stream || refusals.includes(7));
  }
  assert.equal(hold.count, 1);
  assert.equal((await drained).outcome, "clean");
});

test("49. (control: without GOAWAY a racing stream is executed, and lost with the session)", async (t) => {
  const hold = new Hold();
  const server = createHttp2({ compat: hold.app });
  const sessions: ServerHttp2Session[] = [];
  server.on("session", (session: ServerHttp2Session) => sessions.push(session));
  const { target } = await listenHttp2(server);
  const client = await openFrames(target);
  t.after(() => client.wire.close());
  await client.request(1, "POST", "/in-flight", true);
  await hold.next();

  await client.request(3, "POST", "/late");
  await hold.next();
  for (const session of sessions) session.destroy();
  server.close();

  await client.wire.ended();
  assert.equal(hold.count, 2);
  assert.deepEqual(client.of(HEADERS, 3), []);
  // Nor may the client send it again: it has been told that it was looked at.
  assert.ok(client.goaways.every(({ last }) => last >= 3));
});

test("50. lastStreamID never rises over successive GOAWAYs", async (t) => {
  const hold = new Hold();
  const { service, target } = await serveHttp2(t, { compat: hold.app });
  const clients = await Promise.all([1, 2, 3].map(() => openFrames(target)));
  const [busy, late, idle] = clients;
  assert.ok(busy && late && idle);
  for (const client of [busy, late]) {
    await client.request(1, "GET", "/one");
    await client.request(3, "GET", "/three");
  }
  const held = [await hold.next(), await hold.next(), await hold.next(), await hold.next()];

  const drained = service.drain();
  await Promise.all(clients.map((client) => client.sees(GOAWAY)));
  await late.request(5, "GET", "/late");
  for (const { res } of held) res.end();

  for (const client of clients) {
    await client.wire.ended();
    const lasts = client.goaways.map(({ last }) => last);
    assert.deepEqual(
      lasts,
      [...lasts].sort((a, b) => b - a),
    );
    assert.equal(lasts[0], client === idle ? 0 : 3);
    assert.ok(client.goaways.every(({ code }) => code === NO_ERROR));
  }
  assert.equal((await drained).outcome, "clean");
});

for (const tls of [false, true]) {
  test(`51. idle session → GOAWAY, closed within 1 s (${tls ? "over TLS" : "h2c"})`, async (t) => {
    const { service, url, target } = await serveHttp2(
      t,
      { compat: (_req, res) => res.end("ok") },
      { tls },
    );
    const unused = await openFrames(target);
    const used = await openSession(t, url);
    assert.equal((await ask(used, "/")).status, 200);
    const told = goaway(used);
    const closed = once(used, "close");

    const since = performance.now();
    const drained = service.drain();
    assert.deepEqual(await told, { code: NO_ERROR, last: 1 });
    await closed;
    await unused.sees(GOAWAY);
    assert.equal(await unused.wire.ended(), "fin");

    assert.ok(performance.now() - since < 1_000);
    assert.deepEqual(unused.goaways[0], { last: 0, code: NO_ERROR });
    unused.wire.close();
    assert.equal((await drained).outcome, "clean");
  });
}

test("52. D before SETTINGS are exchanged → no frame-order violation, and the first request is served", async (t) => {
  const hold = new Hold();
  const { service, target } = await serveHttp2(
    t,
    { compat: hold.app },
    { timeouts: { idle: 10_000 } },
  );
  const [client, silent] = [await connectFrames(target), await connectFrames(target)];
  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));

  const drained = service.drain();
  await closed;
  await client.preface();
  await client.request(1, "GET", "/first");
  const { res } = await hold.next();
  res.end("served");

  assert.deepEqual(await client.response(1), { ok: true, body: "served" });
  assert.equal(await client.wire.ended(), "fin");
  assert.equal(client.frames[0]?.type, SETTINGS);
  assert.deepEqual(client.goaways[0], { last: 1, code: NO_ERROR });
  silent.wire.close();
  assert.equal((await drained).outcome, "clean");
});

test("52. D before SETTINGS are exchanged, and no request comes → SETTINGS, GOAWAY, end", async (t) => {
  const { service, target } = await serveHttp2(t, { compat: () => {} }, { timeouts: { idle: 50 } });
  const client = await connectFrames(target);

  const drained = service.drain();

  assert.equal(await client.wire.ended(), "fin");
  assert.equal(client.frames[0]?.type, SETTINGS);
  assert.deepEqual(client.goaways[0], { last: 0, code: NO_ERROR });
  client.wire.close();
  assert.equal((await drained).outcome, "clean");
});

for (const tls of [false, true]) {
  test(`53. long download through a small window completes (${tls ? "over TLS" : "h2c"})`, async (t) => {
    const content = randomBytes(600_000);
    const hold = new Hold();
    const { service, url } = await serveHttp2(t, { compat: hold.app }, { tls });
    const session = await openSession(t, url, { settings: { initialWindowSize: 4_096 } });
    const stream = session.request({ ":path": "/download" });
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    const { res } = await hold.next();
    res.end(content);
    await once(stream, "data");

    const drained = service.drain();
    assert.ok(Buffer.concat(chunks).length < content.length);

    await once(stream, "close");
    assert.equal(stream.rstCode, 0);
    assert.equal(sha256(Buffer.concat(chunks)), sha256(content));
    assert.equal((await drained).outcome, "clean");
  });
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

test("55. stuck stream → cut at DL, others unaffected", async (t) => {
  const hold = new Hold();
  const { service, url } = await serveHttp2(
    t,
    { compat: hold.app },
    { gracePeriod: 1_500, abortWindow: 200, closingWindow: 0, margin: 0 },
  );
  const session = await openSession(t, url);
  const answers = [ask(session, "/stuck?secret"), ask(session, "/other")];
  const held = [await hold.next(), await hold.next()];
  const other = held.find(({ req }) => req.url === "/other");

  const drained = service.drain();
  await goaway(session);
  other?.res.end("whole");

  const [stuck, whole] = await Promise.all(answers);
  assert.deepEqual([whole?.status, whole?.isWhole], [200, true]);
  assert.deepEqual([stuck?.isWhole, stuck?.rstCode], [false, INTERNAL_ERROR]);
  const report = await drained;
  assert.equal(report.outcome, "aborted");
  assert.equal(report.requests.unfinished, 1);
  assert.deepEqual(
    report.requests.aborted.map(({ method, route, reaction }) => ({ method, route, reaction })),
    [{ method: "GET", route: "/stuck", reaction: "no signal" }],
  );
  assert.equal(report.connections.cut, 1);
});

test("55. stream whose client does not take the response → ended after the send timeout, others unaffected", async (t) => {
  const hold = new Hold();
  const { service, url } = await serveHttp2(t, { compat: hold.app }, { timeouts: { send: 200 } });
  const session = await openSession(t, url, { settings: { initialWindowSize: 1_000 } });
  const stalled = session.request({ ":path": "/stalled" });
  stalled.on("error", () => {});
  const reset = closeOf(stalled);
  (await hold.next()).res.end(Buffer.alloc(100_000));
  await once(stalled, "response");
  const answer = ask(session, "/slow");
  const { res } = await hold.next();
  const stall = new Promise((resolve) => service.on("stall", resolve));

  const drained = service.drain();
  await stall;
  await reset;
  assert.equal(stalled.rstCode, INTERNAL_ERROR);
  res.end("whole");

  assert.deepEqual(String((await answer).body), "whole");
  const { connections, requests } = await drained;
  assert.deepEqual(
    connections.stalled.map(({ kind, method, route }) => ({ kind, method, route })),
    [{ kind: "send", method: "GET", route: "/stalled" }],
  );
  assert.equal(connections.cut, 0);
  assert.equal(requests.unfinished, 1);
});

test("55. stream whose client sends no more of its body → ended after the body timeout", async (t) => {
  const hold = new HoldStreams();
  const { service, target } = await serveHttp2(
    t,
    { stream: hold.app },
    { timeouts: { body: 200 } },
  );
  const client = await openFrames(target);
  await client.request(1, "POST", "/upload", true);
  const { stream } = await hold.next();
  stream.resume();

  const drained = service.drain();
  const frame = await client.sees(RST_STREAM, 1);
  assert.equal(frame.payload.readUInt32BE(0), INTERNAL_ERROR);
  assert.equal(await client.wire.ended(), "fin");

  const { connections } = await drained;
  assert.deepEqual(
    connections.stalled.map(({ kind, method, route }) => ({ kind, method, route })),
    [{ kind: "body", method: "POST", route: "/upload" }],
  );
});

test("56. no `connection` header on HTTP/2; compat API and stream API both", async (t) => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  t.after(() => process.off("warning", note));
  const onCompat = (res: ServerResponse): void => void res.end("ok");
  const onStream = (stream: ServerHttp2Stream): void => {
    stream.respond({ ":status": 200 });
    stream.end("ok");
  };
  const [compat, streams] = [new Hold(), new HoldStreams()];
  for (const app of [{ compat: compat.app }, { stream: streams.app }]) {
    const { service, url } = await serveHttp2(t, app);
    const session = await openSession(t, url);
    const answer = ask(session, "/");
    const held = "compat" in app ? await compat.next() : await streams.next();

    const drained = service.drain();
    await goaway(session);
    if ("res" in held) onCompat(held.res);
    else onStream(held.stream);

    const { status, headers, body } = await answer;
    assert.deepEqual([status, String(body)], [200, "ok"]);
    assert.equal(headers["connection"], undefined);
    assert.equal((await drained).outcome, "clean");
  }
  assert.deepEqual(warnings, []);
});

test("83. `http2-client-ignores-goaway`: keeps its TCP connection open → closed after a grace, the drain is not held", async (t) => {
  const hold = new Hold();
  const { service, server, target } = await serveHttp2(t, { compat: hold.app });
  const raws: { destroyed: boolean }[] = [];
  server.on("connection", (raw) => raws.push(raw));
  const clients = [];
  for (let i = 0; i < 2; i++) clients.push(await openFrames(target, { allowHalfOpen: true }));
  const [busy, idle] = clients;
  assert.ok(busy && idle);
  await busy.request(1, "GET", "/");
  const { res } = await hold.next();

  const drained = service.drain();
  await idle.sees(GOAWAY);
  res.end("ok");
  await busy.response(1);
  const report = await drained;

  assert.equal(report.outcome, "clean");
  // Far from the abort instant, which comes after 22 s of the default budget.
  assert.ok(report.durationMs < 10_000);
  assert.deepEqual(
    raws.map(({ destroyed }) => destroyed),
    [true, true],
  );
  for (const { wire } of clients) {
    assert.equal(wire.end, "fin");
    wire.close();
  }
});

test("83. (control: a plain server whose every session is closed waits for such a client)", async (t) => {
  const server = createHttp2({ compat: (_req, res) => res.end("ok") });
  const sessions: ServerHttp2Session[] = [];
  server.on("session", (session: ServerHttp2Session) => sessions.push(session));
  const { target } = await listenHttp2(server);
  const client = await openFrames(target, { allowHalfOpen: true });
  t.after(() => client.wire.close());
  await client.request(1, "GET", "/");
  await client.response(1);
  let isClosed = false;

  server.close(() => (isClosed = true));
  for (const session of sessions) session.close();
  assert.equal(await client.wire.ended(), "fin");
  // Three times the grace that a drained client has.
  await new Promise((resolve) => setTimeout(resolve, 1_500));

  assert.ok(sessions.every(({ destroyed }) => destroyed));
  assert.equal(isClosed, false);
});
