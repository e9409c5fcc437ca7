import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { ClientGoneError, requestSignal } from "lastcall";

import { Hold } from "../harness/hold.js";
import { leastOf } from "../harness/measure.js";
import { serve } from "../harness/serve.js";
import { connect } from "../harness/wire.js";

async function leave(t: TestContext, how: "fin" | "reset", tls: boolean): Promise<number> {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app, { tls });
  const wire = await connect(target);
  await wire.get("/report");
  const { req, res } = await hold.next();
  const signal = requestSignal(req);
  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
  const drained = service.drain();
  await closed;
  assert.equal(signal.aborted, false);

  const since = performance.now();
  if (how === "fin") wire.close();
  else wire.socket.resetAndDestroy();
  const report = await drained;
  const duration = performance.now() - since;

  assert.ok(signal.reason instanceof ClientGoneError);
  assert.equal(res.writableFinished, false);
  assert.equal(report.requests.inFlight, 1);
  assert.equal(report.requests.unfinished, 1);
  assert.equal(report.connections.cut, 0);
  assert.deepEqual(report.requests.aborted, []);
  return duration;
}

for (const [how, tls] of [
  ["fin", false],
  ["reset", false],
  ["fin", true],
] as const) {
  test(`22. client aborts in flight (${how}${tls ? ", over TLS" : ""}) → count back to 0, drain ends within 50 ms; the handler's signal aborted`, async (t) => {
    assert.ok((await leastOf(10, () => leave(t, how, tls))) < 50);
  });
}

test("23. handler never ends → DL forces; the report names method and route", async (t) => {
  const hold = new Hold();
  const windows = { abortWindow: 100, closingWindow: 100, margin: 100 };
  const { service, target } = await serve(t, hold.app, { gracePeriod: 1_000, ...windows });
  const wire = await connect(target);
  await wire.send("PUT /orders/7?token=secret HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
  await hold.next();

  const report = await service.drain();

  assert.equal(report.outcome, "aborted");
  const [request, ...others] = report.requests.aborted;
  assert.deepEqual(others, []);
  assert.equal(request?.method, "PUT");
  assert.equal(request?.route, "/orders/7");
  assert.equal(request?.reaction, "no signal");
  assert.equal(report.requests.unfinished, 1);
  assert.equal(report.connections.cut, 1);
  // The cut is at 800 ms: grace period less margin and closing window.
  assert.ok(report.durationMs >= 799, `cut after ${report.durationMs} ms`);
  await wire.ended();
  assert.equal(wire.text, "");
});

test("24. no traffic: drain ends clean within 20 ms", async (t) => {
  const duration = await leastOf(10, async () => {
    const { service } = await serve(t, new Hold().app);
    const since = performance.now();
    const { outcome } = await service.drain();
    assert.equal(outcome, "clean");
    return performance.now() - since;
  });
  assert.ok(duration < 20, `${duration} ms`);
});
