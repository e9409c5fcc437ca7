import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http, { type RequestListener } from "node:http";
import os from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { lastcall, type Service, type StallReport } from "lastcall";

import { ask, request, sha256, type Download } from "../harness/download.js";
import { Hold } from "../harness/hold.js";
import { plain, QUIET, serve } from "../harness/serve.js";
import { connect } from "../harness/wire.js";

const MB = 1024 * 1024;

test("19. slow reader: every byte delivered before DL, long after a send timeout that it never reaches", async (t) => {
  const hold = new Hold();
  const sendTimeout = 800;
  const { service, target } = await serve(t, hold.app, { timeouts: { send: sendTimeout } });
  const body = randomBytes(32 * MB);
  const download = await ask(target, "/export");
  const { res } = await hold.next();

  const drained = service.drain();
  res.end(body);

  assert.equal(await download.read(5), sha256(body));
  const { outcome, durationMs } = await drained;
  assert.equal(outcome, "clean");
  assert.ok(durationMs > 2 * sendTimeout, `read within ${durationMs} ms`);
});

// 1 KB/s of 1 MB takes 17 minutes. What matters is scaled: the reader is so slow that the kernel, which
// holds 4 MB of a response, takes nothing from Node for longer than the send timeout. That it moves shows
// only in what it acknowledges, and there in steps of up to a sixteenth of its receive buffer.
const SEND_TIMEOUT = 2_000;
const SLOW = 3_500;
/** After every 64 KiB: 400 KB a second. */
const PACE = 160;

/** Reads slowly for a while, then the rest; resolves to the hash. */
async function readSlowly(download: Download): Promise<string> {
  const slow = setTimeout(() => download.speedUp(), SLOW);
  const hash = await download.read(PACE);
  clearTimeout(slow);
  return hash;
}

async function drainUnderSlowReader(t: TestContext, tls: boolean): Promise<void> {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app, { tls, timeouts: { send: SEND_TIMEOUT } });
  const body = randomBytes(8 * MB);
  const download = await ask(target, "/export");
  const { res } = await hold.next();

  const drained = service.drain();
  res.end(body);

  assert.equal(await readSlowly(download), sha256(body));
  const { outcome, requests, connections } = await drained;
  assert.equal(outcome, "clean");
  assert.equal(requests.unfinished, 0);
  assert.deepEqual(connections.stalled, []);
}

test(
  "19. slow reader of which Node sees nothing: every byte delivered before DL, over TLS too",
  { skip: process.platform !== "linux" && "other kernels tell nothing of their send queues" },
  async (t) => {
    await Promise.all([drainUnderSlowReader(t, false), drainUnderSlowReader(t, true)]);
  },
);

test("19. slow reader (1 MB over a Unix socket, which holds a fifth of it): every byte delivered before DL", async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lastcall-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const hold = new Hold();
  const service = lastcall({ ...QUIET, lameDuck: false, timeouts: { send: 1_000 } });
  t.after(() => service.abort());
  const server = service.attach(http.createServer(hold.app));
  const target = { path: path.join(folder, "socket") };
  server.listen(target.path);
  await once(server, "listening");
  const body = randomBytes(MB);
  const download = await ask(target, "/export");
  const { res } = await hold.next();

  const drained = service.drain();
  res.end(body);

  assert.equal(await download.read(100), sha256(body));
  assert.equal((await drained).outcome, "clean");
});

test("19. (control: Node's own socket timeout cuts the same reader)", async (t) => {
  const hold = new Hold();
  const { server, target } = await plain(t, hold.app);
  server.setTimeout(SEND_TIMEOUT / 2);
  const body = randomBytes(8 * MB);
  const download = await ask(target, "/export");
  const { res } = await hold.next();
  res.setHeader("Content-Length", body.length);
  res.end(body);

  await readSlowly(download);

  assert.ok(download.length < body.length, `${download.length} bytes arrived`);
});

function firstStall(service: Service): Promise<StallReport> {
  return new Promise((resolve) => service.on("stall", resolve));
}

for (const tls of [false, true]) {
  const over = tls ? ", over TLS" : "";

  test(`20. reader that stops reading 50 MB → bounded by the send timeout, drain not held past DL${over}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls, timeouts: { send: 300 } });
    const download = await ask(target, "/export");
    const { res } = await hold.next();

    const drained = service.drain();
    res.end(Buffer.alloc(50 * MB));

    const { durationMs, connections } = await drained;
    assert.deepEqual(
      connections.stalled.map(({ kind, method, route }) => [kind, method, route]),
      [["send", "GET", "/export"]],
    );
    assert.equal(connections.cut, 0);
    assert.ok(durationMs >= 300, `closed after ${durationMs} ms`);
    assert.ok(durationMs < 10_000, `held ${durationMs} ms`);
    await download.read();
    assert.ok(download.length < 50 * MB);
  });

  test(`20. reader that stops reading 50 MB while the service serves → the same${over}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls, timeouts: { send: 200 } });
    const stalled = firstStall(service);
    const [download, other] = [await ask(target, "/export"), await connect(target)];
    const { res } = await hold.next();
    const closed = once(res, "close");

    res.end(Buffer.alloc(50 * MB));

    const { kind, method, route } = await stalled;
    assert.deepEqual([kind, method, route], ["send", "GET", "/export"]);
    await closed;
    await download.read();
    assert.ok(download.length < 50 * MB);
    // Nobody else is touched, and what happened long before it is no part of a drain.
    await other.get("/");
    (await hold.next()).res.end("served");
    assert.equal((await other.response()).body, "served");
    const { outcome, connections } = await service.drain();
    assert.equal(outcome, "clean");
    assert.deepEqual(connections.stalled, []);
  });
}

test("20. reader that stops reading what it asked for after the listener closed → the same", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app, { timeouts: { send: 300, idle: 5_000 } });
  const { socket } = await connect(target);
  socket.removeAllListeners("data").pause();
  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
  const drained = service.drain();
  await closed;

  socket.write(request("/late"));
  (await hold.next()).res.end(Buffer.alloc(50 * MB));

  const { connections } = await drained;
  assert.deepEqual(
    connections.stalled.map(({ kind, route }) => [kind, route]),
    [["send", "/late"]],
  );
  socket.destroy();
});

test("20. an application that writes on does not hide a reader that stopped", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app, { timeouts: { send: 200 } });
  const stalled = firstStall(service);
  const { socket } = await ask(target, "/ticks");
  const { res } = await hold.next();
  res.write(Buffer.alloc(50 * MB));
  const tick = setInterval(() => res.write("tick"), 10);
  t.after(() => clearInterval(tick));

  assert.equal((await stalled).kind, "send");
  socket.destroy();
});

test("20. with `timeouts.send: false` it is held until the deadline, and no longer", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app, {
    timeouts: { send: false },
    gracePeriod: 3_000,
    abortWindow: 100,
    closingWindow: 100,
    margin: 2_000,
  });
  const { socket } = await ask(target, "/export");
  (await hold.next()).res.end(Buffer.alloc(50 * MB));

  const { outcome, durationMs, connections } = await service.drain();

  assert.equal(outcome, "aborted");
  assert.equal(connections.cut, 1);
  assert.deepEqual(connections.stalled, []);
  assert.ok(durationMs >= 799 && durationMs <= 3_000, `${durationMs} ms`);
  socket.destroy();
});

/** Whether a plain server's close() still waits, several of our send timeouts later. */
async function isHeld(t: TestContext, tls: boolean): Promise<boolean> {
  // It streams; a response whose end() was called would be truncated by close() right away.
  const app: RequestListener = (_req, res) => void res.write(Buffer.alloc(50 * MB));
  const { server, target } = await plain(t, app, { tls });
  const begun = once(server, "request");
  const { socket } = await ask(target, "/export");
  await begun;
  let isClosed = false;
  server.close(() => {
    isClosed = true;
  });
  await sleep(1_500);
  socket.destroy();
  return !isClosed;
}

test("20. (control: it holds a plain server's close() for ever)", async (t) => {
  assert.deepEqual(await Promise.all([isHeld(t, false), isHeld(t, true)]), [true, true]);
});
