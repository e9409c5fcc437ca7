import assert from "node:assert/strict";
import { test } from "node:test";

import { Hold } from "../harness/hold.js";
import { ask, goaway, openSession, serveHttp2, type Http2Options } from "../harness/http2.js";
import { connect } from "../harness/wire.js";

const FALLBACK: Http2Options = { tls: true, allowHTTP1: true };

test("56. h1 fallback by ALPN (`allowHTTP1`): in flight, idle, half a head, all drained like any other", async (t) => {
  const hold = new Hold();
  const { service, target, url } = await serveHttp2(t, { compat: hold.app }, FALLBACK);
  const session = await openSession(t, url);
  const second = ask(session, "/h2");
  const viaHttp2 = await hold.next();
  const [busy, idle, half] = [
    await connect({ ...target, alpn: ["http/1.1"] }),
    await connect(target),
    await connect({ ...target, alpn: ["http/1.1"] }),
  ];
  await idle.get("/idle");
  (await hold.next()).res.end();
  await idle.response();
  await half.send("GET /half HTTP/1.1\r\nHo");
  await busy.get("/busy");
  const viaHttp1 = await hold.next();

  const drained = service.drain();
  await goaway(session);
  viaHttp2.res.end("over 2");
  viaHttp1.res.end("over 1");
  await half.send("st: test\r\n\r\n");
  (await hold.next()).res.end("half");

  const over2 = await second;
  assert.equal(String(over2.body), "over 2");
  assert.equal(over2.headers["connection"], undefined);
  for (const [wire, body] of [
    [busy, "over 1"],
    [half, "half"],
  ] as const) {
    const response = await wire.response();
    assert.equal(response.body, body);
    assert.equal(response.headers.get("connection"), "close");
    assert.equal(await wire.ended(), "fin");
  }
  assert.equal(await idle.ended(), "fin");
  const report = await drained;
  assert.equal(report.outcome, "clean");
  assert.equal(report.connections.idleClosed, 1);
  assert.deepEqual(report.connections.stalled, []);
});

test("56. h1 fallback: an idle connection's next request within the linger is served, and says close", async (t) => {
  const hold = new Hold();
  const { service, target } = await serveHttp2(
    t,
    { compat: hold.app },
    { ...FALLBACK, timeouts: { idle: 20_000 } },
  );
  const wire = await connect({ ...target, alpn: ["http/1.1"] });
  await wire.get("/first");
  (await hold.next()).res.end();
  await wire.response();
  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));

  const drained = service.drain();
  await closed;
  await wire.get("/second");
  (await hold.next()).res.end("served");

  const response = await wire.response();
  assert.equal(response.body, "served");
  assert.equal(response.headers.get("connection"), "close");
  assert.equal(await wire.ended(), "fin");
  assert.equal((await drained).outcome, "clean");
});

test("a client that offers no protocol the server speaks holds no drain", async (t) => {
  const { service, target } = await serveHttp2(t, { compat: () => {} }, { tls: true });
  // Without ALPN Node's server of HTTP/2 answers in HTTP/1.0 that it does not speak it.
  const wire = await connect(target);

  const { outcome, durationMs } = await service.drain();

  assert.equal(outcome, "clean");
  assert.ok(durationMs < 10_000);
  wire.close();
});
