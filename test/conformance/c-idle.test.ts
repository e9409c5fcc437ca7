import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import { test } from "node:test";

import type { Service } from "lastcall";

import { Hold } from "../harness/hold.js";
import { leastOf } from "../harness/measure.js";
import { plain, serve } from "../harness/serve.js";
import { connect, type Target, type Wire } from "../harness/wire.js";

/** A connection that has had one answer and was promised more. */
async function idle(target: Target, hold: Hold): Promise<Wire> {
  const wire = await connect(target);
  await wire.get("/first");
  (await hold.next()).res.end("first");
  assert.equal((await wire.response()).headers.get("connection"), "keep-alive");
  return wire;
}

function listenersClosed(service: Service): Promise<unknown> {
  return new Promise((resolve) => service.on("listeners-closed", resolve));
}

/** Holds the event loop: what arrives meanwhile lies unread in the kernel. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

for (const tls of [false, true]) {
  const over = tls ? ", over TLS" : "";

  test(`30. idle connection, request arrives within the linger → 200 with close${over}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls, timeouts: { idle: 10_000 } });
    const wire = await idle(target, hold);
    const closed = listenersClosed(service);
    const drained = service.drain();
    await closed;

    await wire.get("/second");
    (await hold.next()).res.end("second");

    const response = await wire.response();
    assert.equal(response.status, 200);
    assert.equal(response.body, "second");
    assert.equal(response.headers.get("connection"), "close");
    assert.equal(await wire.ended(), "fin");
    const { outcome, connections } = await drained;
    assert.equal(outcome, "clean");
    assert.equal(connections.idleClosed, 0);
  });
}

test("31. silent idle connection → closed, after the linger", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app, { timeouts: { idle: 100 } });
  const wire = await idle(target, hold);

  const drained = service.drain();

  assert.equal(await wire.ended(), "fin");
  assert.equal(wire.rest, "");
  const { outcome, durationMs, connections } = await drained;
  assert.equal(outcome, "clean");
  assert.equal(connections.idleClosed, 1);
  assert.ok(durationMs >= 100, `closed after ${durationMs} ms`);
  assert.ok(durationMs < 10_000, `held ${durationMs} ms`);
});

const LINGER = 1_000;

/** Where in a turn of the event loop it is held up. */
const stalls: Record<string, (stall: () => void) => void> = {
  "in a timer": (stall) => setTimeout(stall, 0),
  "in the check phase": (stall) => setImmediate(stall),
  "in the poll phase": (stall) => fs.stat(".", stall),
  "in a microtask": (stall) => queueMicrotask(stall),
};

for (const [where, holdUp] of Object.entries(stalls)) {
  test(`31. the linger ends while the event loop is held up ${where} and a request lies in the kernel → 200 with close`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { timeouts: { idle: LINGER } });
    const [wire, silent] = [await idle(target, hold), await idle(target, hold)];
    const closed = listenersClosed(service);
    const since = performance.now();
    const drained = service.drain();
    await closed;

    holdUp(() => {
      void wire.get("/second");
      // Beyond the linger's end, from within it.
      block(since + 1.5 * LINGER - performance.now());
    });
    const { res } = await orEnded(hold.next(), wire);
    res.end("second");

    const response = await wire.response();
    assert.equal(response.body, "second");
    assert.equal(response.headers.get("connection"), "close");
    assert.equal(await wire.ended(), "fin");
    assert.equal(await silent.ended(), "fin");
    const { outcome, connections } = await drained;
    assert.equal(outcome, "clean");
    assert.equal(connections.idleClosed, 1);
  });
}

/** What is awaited, unless the connection that should bring it has ended. */
async function orEnded<T>(awaited: Promise<T>, wire: Wire): Promise<T> {
  const ended = wire.ended().then((end) => assert.fail(`the connection ended: ${end}`));
  return Promise.race([awaited, ended]);
}

test("31. (control: a plain server's close() resets it)", async (t) => {
  const hold = new Hold();
  const { server, target } = await plain(t, hold.app);
  const wire = await idle(target, hold);

  void wire.get("/second");
  server.close();

  assert.equal(await wire.ended(), "reset");
  assert.equal(wire.rest, "");
  assert.equal(hold.count, 1);
});
test("37. keep-alive timeout is not waited for: drain ≤ 10 ms after the last response", async (t) => {
  const duration = await leastOf(15, async () => {
    const hold = new Hold();
    const { service, server, target } = await serve(t, hold.app);
    server.keepAliveTimeout = 60_000;
    const wire = await connect(target);
    await wire.get("/report");
    const { res } = await hold.next();
    const drained = service.drain();
    res.end("the report");
    await wire.response();
    const since = performance.now();
    assert.equal((await drained).outcome, "clean");
    return performance.now() - since;
  });
  assert.ok(duration <= 10, `${duration} ms`);
});

test("37. (control: a plain server waits for it, idle or not)", async (t) => {
  const hold = new Hold();
  const { server, target } = await plain(t, hold.app);
  server.keepAliveTimeout = 300;
  const wire = await connect(target);
  await wire.get("/report");
  const { res } = await hold.next();
  const closed = once(server, "close");
  server.close();
  res.end("the report");
  await once(res, "finish");
  const since = performance.now();
  await closed;
  assert.ok(performance.now() - since >= 290);
});
