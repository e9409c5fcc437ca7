import assert from "node:assert/strict";
import { once } from "node:events";
import dns from "node:dns";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import test, { type TestContext } from "node:test";

import { lastcall, type LastcallError } from "lastcall";

import { Hold } from "../harness/hold.js";
import { listen, QUIET, serve } from "../harness/serve.js";
import { connect, tryConnect, Wire, withResolvers, type Target } from "../harness/wire.js";

for (const isTls of [false, true]) {
  const name = isTls ? "https" : "http";

  test(`4. refuse-after-LC: a new connect → ECONNREFUSED (${name})`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls: isTls });
    const wire = await connect(target);
    await wire.get("/slow");
    const { res } = await hold.next();
    const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
    const drained = service.drain();
    await closed;
    assert.equal(await tryConnect(target), "ECONNREFUSED");
    res.end("late");
    assert.equal((await wire.response()).body, "late");
    assert.equal((await drained).outcome, "clean");
  });

  test(`5. accept-during-lame-duck: new connect and request → 200 with close (${name})`, async (t) => {
    const hold = new Hold();
    const options = { tls: isTls, lameDuck: { max: 10_000 } };
    const { service, target } = await serve(t, hold.app, options);
    const drained = service.drain();
    assert.equal(service.phase, "lame-duck");
    for (const path of ["/first", "/second"]) {
      const wire = await connect(target);
      await wire.get(path);
      (await hold.next()).res.end("served");
      const { status, headers, body } = await wire.response();
      assert.deepEqual([status, headers.get("connection"), body], [200, "close", "served"]);
      assert.equal(await wire.ended(), "fin");
    }
    assert.equal(service.phase, "lame-duck");
    // Nothing is left to serve; the rest of the lame duck need not be waited for.
    await Promise.all([service.abort(), drained]);
  });
}

test("6. drain-idempotent: concurrent and repeated drain() share one result; the listener closes once", async (t) => {
  const hold = new Hold();
  const { service, server, target } = await serve(t, hold.app);
  const wire = await connect(target);
  await wire.get("/");
  const { res } = await hold.next();
  let closes = 0;
  let listenersClosed = 0;
  let starts = 0;
  server.on("close", () => closes++);
  service.on("listeners-closed", () => listenersClosed++);
  service.on("drain-start", () => starts++);

  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
  const both = [service.drain("first"), service.drain("second")];
  await closed;
  both.push(service.drain("third"));
  res.end();
  await wire.response();
  const reports = await Promise.all(both);
  reports.push(await service.drain("after the end"), await service.abort());
  await service[Symbol.asyncDispose]();

  assert.ok(reports.every((report) => report === reports[0]));
  assert.equal(reports[0]?.reason, "first");
  assert.equal(reports[0]?.outcome, "clean");
  assert.deepEqual(
    { closes, listenersClosed, starts },
    { closes: 1, listenersClosed: 1, starts: 1 },
  );
});

test("7. drain-before-listen: listen afterwards rejects, nothing is bound", async (t) => {
  const service = lastcall(QUIET);
  const server = service.attach(http.createServer());
  t.after(() => server.close());
  const drained = service.drain();
  for (const when of ["during the drain", "after it"]) {
    server.listen(0, "127.0.0.1", () => assert.fail("it listens"));
    const [error] = (await once(server, "error")) as [LastcallError];
    assert.equal(error.code, "ERR_LASTCALL_STOPPING", when);
    assert.equal(server.listening, false, when);
    assert.equal(server.address(), null, when);
    assert.equal((await drained).outcome, "clean");
  }
});

/** Host look-ups wait until they are let go. */
function holdLookups(t: TestContext): { begun: Promise<void>; release: () => Promise<void> } {
  const { promise: begun, resolve } = withResolvers<void>();
  let go: () => void = () => assert.fail("no look-up has begun");
  const { lookup } = dns;
  const answered = withResolvers<void>();
  t.mock.method(dns, "lookup", (_host: string, ...rest: unknown[]) => {
    const done = rest.pop() as (...results: unknown[]) => void;
    const answer = (...results: unknown[]): void => {
      done(...results);
      answered.resolve();
    };
    go = () => Reflect.apply(lookup, dns, ["127.0.0.1", ...rest, answer]);
    resolve();
  });
  return {
    begun,
    release: () => {
      go();
      return answered.promise;
    },
  };
}

for (const when of ["during the drain", "after it"]) {
  test(`7. drain-before-listen: a host look-up of listen() that ends ${when} binds nothing`, async (t) => {
    const lookups = holdLookups(t);
    const service = lastcall(QUIET);
    const leaving = withResolvers<void>();
    service.registry("registry", { leave: () => leaving.promise });
    const server = service.attach(http.createServer());
    t.after(() => server.close());
    server.on("listening", () => assert.fail("it listens"));
    server.listen(0, "localhost");
    await lookups.begun;

    const drained = service.drain();
    if (when === "during the drain") await lookups.release();
    leaving.resolve();
    assert.equal((await drained).outcome, "clean");
    if (when === "after it") await lookups.release();
    await new Promise(setImmediate);
    assert.equal(server.listening, false);
    assert.equal(server.address(), null);
  });
}

test("9. all-listeners-first: every attached server stops listening before any is waited for", async (t) => {
  const service = lastcall({ ...QUIET, lameDuck: false });
  t.after(() => service.abort());
  const holds = [new Hold(), new Hold(), new Hold()];
  const servers = holds.map((hold) => service.attach(http.createServer(hold.app)));
  const targets: Target[] = [];
  for (const server of servers) targets.push({ port: await listen(server) });
  const wires = await Promise.all(targets.map((target) => connect(target)));
  // The middle one has nothing to wait for.
  await Promise.all([wires[0]?.get("/first"), wires[2]?.get("/last")]);
  const [first, last] = await Promise.all([holds[0]?.next(), holds[2]?.next()]);

  const listeningAtClose = new Promise((resolve) => {
    service.on("listeners-closed", () => resolve(servers.map(({ listening }) => listening)));
  });
  const drained = service.drain();
  assert.deepEqual(await listeningAtClose, [false, false, false]);
  const refusals = await Promise.all(targets.map(tryConnect));
  assert.deepEqual(refusals, ["ECONNREFUSED", "ECONNREFUSED", "ECONNREFUSED"]);
  for (const [wire, held] of [
    [wires[2], last],
    [wires[0], first],
  ] as const) {
    held?.res.end("whole");
    assert.equal((await wire?.response())?.body, "whole");
  }
  assert.equal((await drained).outcome, "clean");
});

test("10. unix-socket: works on a socket path, and the path goes away", async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lastcall-test-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const target = { path: path.join(folder, "service.sock") };
  const hold = new Hold();
  const service = lastcall({ ...QUIET, lameDuck: false });
  t.after(() => service.abort());
  const server = service.attach(http.createServer(hold.app));
  server.listen(target.path);
  await once(server, "listening");
  const wire = await connect(target);
  await wire.get("/slow");
  const { res } = await hold.next();
  // These wait in the path's own accept queue when the drain begins, in this same turn.
  const queued = Array.from({ length: 10 }, () => new Wire(net.connect(target)));
  for (const each of queued) void each.get("/queued");
  t.after(() => queued.forEach((each) => each.close()));

  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
  const drained = service.drain();
  await closed;
  assert.equal(fs.existsSync(target.path), false);
  assert.equal(await tryConnect(target), "ENOENT");
  for (const each of queued) {
    (await hold.next()).res.end("queued");
    const { headers } = await each.response();
    assert.equal(headers.get("connection"), "close");
  }
  res.end("late");
  const { status, headers, body } = await wire.response();
  assert.deepEqual([status, headers.get("connection"), body], [200, "close", "late"]);
  assert.equal(await wire.ended(), "fin");
  assert.equal((await drained).outcome, "clean");
});
