import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import http, { type RequestListener } from "node:http";
import https from "node:https";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";

import { lastcall, type StallReport } from "lastcall";

import { plain, QUIET, serve } from "../harness/serve.js";
import { connect, type Target } from "../harness/wire.js";

function serveBytes(body: Buffer): RequestListener {
  return (_req, res) => {
    res.setHeader("Content-Length", body.length);
    res.end(body);
  };
}

/** Connects and asks; resolves when the answer begins, and reads nothing that it is not told to. */
async function ask(target: Target, request = "/big"): Promise<net.Socket> {
  const { port = 0, path = "" } = target;
  const where = path === "" ? { port, host: "127.0.0.1" } : { path };
  const socket = target.tls
    ? tls.connect({ ...where, rejectUnauthorized: false })
    : net.connect(where);
  socket.on("error", () => {});
  socket.write(`GET ${request} HTTP/1.1\r\nHost: test\r\n\r\n`);
  await once(socket, "readable");
  return socket;
}

/** Takes `rate` bytes per millisecond off the socket for `duration` ms. */
async function sip(socket: net.Socket, rate: number, duration: number): Promise<Buffer[]> {
  const read: Buffer[] = [];
  const begun = performance.now();
  for (let taken = 0, passed = 0; passed < duration; passed = performance.now() - begun) {
    const due = Math.floor(passed * rate - taken);
    // A read of what is not there yet lets the socket fetch more.
    const chunk = (
      due > 0 ? socket.read(Math.min(due, socket.readableLength || due)) : null
    ) as Buffer | null;
    if (chunk === null) await sleep(10);
    else {
      taken += chunk.length;
      read.push(chunk);
    }
  }
  return read;
}

/** Everything that is left, to the end, however it comes. */
async function rest(socket: net.Socket): Promise<Buffer[]> {
  const read: Buffer[] = [];
  try {
    for await (const chunk of socket) read.push(chunk as Buffer);
  } catch {
    // A reset is an end too.
  }
  return read;
}

function bodyOf(parts: readonly Buffer[]): Buffer {
  const all = Buffer.concat(parts);
  return all.subarray(all.indexOf("\r\n\r\n") + 4);
}

function sha256(data: Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

// 1 KB/s of 1 MB takes 17 minutes. What matters is scaled: the reader is so slow that the kernel, which
// holds 4 MB of a response, takes nothing from Node for several times the send timeout.
const RATE = 400;
const SEND_TIMEOUT = 1_000;
const SLOW = 2_500;
const BIG = randomBytes(8_000_000);

for (const secure of [false, true]) {
  const over = secure ? ", over TLS" : "";

  test(
    `19. slow reader → every byte delivered before DL${over}`,
    { skip: process.platform !== "linux" && "other kernels tell nothing of their send queues" },
    async (t) => {
      const { service, target } = await serve(t, serveBytes(BIG), {
        tls: secure,
        sendTimeout: SEND_TIMEOUT,
      });
      const stalls: StallReport[] = [];
      service.on("stall", (stall) => stalls.push(stall));
      const socket = await ask(target);

      const drained = service.drain();
      const parts = [...(await sip(socket, RATE, SLOW)), ...(await rest(socket))];

      assert.equal(sha256(bodyOf(parts)), sha256(BIG));
      assert.deepEqual(stalls, []);
      const { outcome, requests, connections } = await drained;
      assert.equal(outcome, "clean");
      assert.equal(requests.unfinished, 0);
      assert.equal(connections.cut, 0);
    },
  );
}

test("19. slow reader (1 MB over a Unix socket, which holds a fifth of it) → every byte delivered before DL", async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lastcall-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const body = BIG.subarray(0, 1_000_000);
  const service = lastcall({ ...QUIET, lameDuck: false, sendTimeout: SEND_TIMEOUT });
  t.after(() => service.abort());
  const server = service.attach(http.createServer(serveBytes(body)));
  const target = { path: path.join(folder, "socket") };
  server.listen(target.path);
  await once(server, "listening");
  const socket = await ask(target);

  const drained = service.drain();
  const parts = [...(await sip(socket, RATE, 1_500)), ...(await rest(socket))];

  assert.equal(sha256(bodyOf(parts)), sha256(body));
  assert.equal((await drained).outcome, "clean");
});

test("19. (control: Node's own socket timeout cuts a reader that reads)", async (t) => {
  const { server, target } = await plain(t, serveBytes(BIG));
  server.setTimeout(SEND_TIMEOUT / 2);
  const socket = await ask(target);

  const parts = [...(await sip(socket, RATE, SLOW)), ...(await rest(socket))];

  const { length } = bodyOf(parts);
  assert.ok(length < BIG.length, `${length} bytes arrived`);
});

const HUGE = Buffer.alloc(50_000_000);

/** Resolves to what `service` says of the first stall. */
function firstStall(service: {
  on(name: "stall", listener: (stall: StallReport) => void): unknown;
}): Promise<StallReport> {
  return new Promise((resolve) => service.on("stall", resolve));
}

/** The server's side of every connection, as it ends. */
function ends(server: http.Server): Promise<unknown> {
  return new Promise((resolve) => server.on("connection", (raw) => raw.on("close", resolve)));
}

for (const secure of [false, true]) {
  const over = secure ? ", over TLS" : "";

  test(`20. reader that stops reading 50 MB → bounded by the send timeout, while serving${over}`, async (t) => {
    const { service, server, target } = await serve(t, serveBytes(HUGE), {
      tls: secure,
      sendTimeout: 200,
    });
    const [stalled, ended] = [firstStall(service), ends(server)];
    const [socket, other] = [await ask(target), await connect(target)];

    const { kind, method, route } = await stalled;
    await ended;

    assert.deepEqual({ kind, method, route }, { kind: "send", method: "GET", route: "/big" });
    assert.ok(bodyOf(await rest(socket)).length < HUGE.length);
    // Nobody else is touched, and what happened long before it is no part of a drain.
    await other.get("/");
    await other.sees("200 OK");
    other.close();
    const { outcome, connections } = await service.drain();
    assert.equal(outcome, "clean");
    assert.deepEqual(connections.stalled, []);
  });

  test(`20. reader that stops reading 50 MB → bounded by the send timeout, drain not held past DL${over}`, async (t) => {
    const { service, target } = await serve(t, serveBytes(HUGE), { tls: secure, sendTimeout: 300 });
    const socket = await ask(target);

    const { outcome, durationMs, connections, requests } = await service.drain();

    assert.equal(outcome, "clean");
    assert.equal(connections.cut, 0);
    assert.equal(requests.unfinished, 1);
    assert.deepEqual(
      connections.stalled.map(({ kind, route }) => ({ kind, route })),
      [{ kind: "send", route: "/big" }],
    );
    assert.ok(durationMs >= 300, `cut after ${durationMs} ms`);
    assert.ok(durationMs < 10_000, `held ${durationMs} ms`);
    assert.ok(bodyOf(await rest(socket)).length < HUGE.length);
  });
}

test("20. a request that comes after the listener closed, and whose reader stops → the same", async (t) => {
  const { service, target } = await serve(t, serveBytes(HUGE), {
    sendTimeout: 300,
    idleLinger: 5_000,
  });
  const { socket } = await connect(target);
  socket.removeAllListeners("data").pause();
  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
  const drained = service.drain();
  await closed;

  socket.write("GET /late HTTP/1.1\r\nHost: test\r\n\r\n");

  const { connections } = await drained;
  assert.equal(connections.stalled[0]?.kind, "send");
  assert.equal(connections.stalled[0]?.route, "/late");
  socket.destroy();
});

test("20. an application that writes on to a reader that stopped does not hide it", async (t) => {
  const { service, target } = await serve(
    t,
    (_req, res) => {
      res.write(HUGE);
      const tick = setInterval(() => res.write("tick"), 10);
      res.on("close", () => clearInterval(tick));
    },
    { sendTimeout: 200 },
  );
  const stalled = firstStall(service);
  const socket = await ask(target);

  assert.equal((await stalled).kind, "send");
  socket.destroy();
});

test("20. `sendTimeout: false` → held until the deadline, and no longer", async (t) => {
  const { service, target } = await serve(t, serveBytes(HUGE), {
    sendTimeout: false,
    gracePeriod: 1_000,
    abortWindow: 100,
    closingWindow: 100,
    margin: 100,
  });
  const socket = await ask(target);

  const { outcome, durationMs, connections } = await service.drain();

  assert.equal(outcome, "aborted");
  assert.equal(connections.cut, 1);
  assert.deepEqual(connections.stalled, []);
  assert.ok(durationMs >= 800 && durationMs <= 1_000, `${durationMs} ms`);
  socket.destroy();
});

async function holds(t: TestContext, secure: boolean): Promise<void> {
  // It streams; a response whose end() was called would be truncated by close() right away.
  const app: RequestListener = (_req, res) => void res.write(HUGE);
  const { server, target } = await plain(t, app, { tls: secure });
  assert.ok(server instanceof (secure ? https : http).Server);
  let isOver = false;
  void ends(server).then(() => {
    isOver = true;
  });
  const socket = await ask(target);
  server.close(() => {
    isOver = true;
  });
  await sleep(1_500);
  assert.equal(isOver, false);
  socket.destroy();
}

test("20. (control: it holds a plain server's close() for ever)", async (t) => {
  await Promise.all([holds(t, false), holds(t, true)]);
});
