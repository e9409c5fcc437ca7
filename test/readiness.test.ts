// A service is ready when what is to listen listens, whatever happened before.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { test, type TestContext } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { lastcall, type LastcallOptions, type Service } from "lastcall";

import { Hold } from "./harness/hold.js";
import { collect } from "./harness/collect.js";
import { listen, plain, QUIET } from "./harness/serve.js";
import { certificate } from "./harness/tls.js";
import { connect, tryConnect } from "./harness/wire.js";

const ok: http.RequestListener = (_req, res) => void res.end("ok");

async function cut(service: Service): Promise<void> {
  // One that is uninstalled has nothing left to cut.
  await Promise.resolve()
    .then(() => service.abort())
    .catch(() => {});
}

/** A service with probes on a port of their own, so that they can be asked whatever listens. */
async function probed(
  t: TestContext,
  options: LastcallOptions = {},
): Promise<{ service: Service; readiness: () => Promise<number> }> {
  const service = lastcall({
    ...QUIET,
    lameDuck: false,
    probes: { port: 0, host: "127.0.0.1" },
    ...options,
  });
  t.after(() => cut(service));
  while (service.probePort === undefined) await new Promise(setImmediate);
  const readiness = async (): Promise<number> =>
    (await fetch(`http://127.0.0.1:${service.probePort}/readyz`)).status;
  return { service, readiness };
}

test("ready after a port that was taken, with a new server or the same on another port", async (t) => {
  const { target } = await plain(t, ok);
  for (const isNew of [true, false]) {
    const { service, readiness } = await probed(t);
    const first = service.attach(http.createServer(ok));
    first.listen(target.port, "127.0.0.1");
    const [error] = (await once(first, "error")) as [NodeJS.ErrnoException];
    assert.equal(error.code, "EADDRINUSE");
    assert.equal(await readiness(), 503);
    await listen(isNew ? service.attach(http.createServer(ok)) : first);
    assert.equal(await readiness(), 200);
    const { lameDuck, outcome } = await service.drain();
    assert.equal(outcome, "clean");
    assert.equal(lameDuck, null);
    assert.equal(first.listening, false);
  }
});

test("not ready while a server that is to listen does not, ready once it is detached", async (t) => {
  const { service, readiness } = await probed(t);
  await listen(service.attach(http.createServer(ok)));
  assert.equal(await readiness(), 200);
  const { service: other, readiness: readinessOfOther } = await probed(t);
  const late = other.attach(http.createServer(ok));
  await listen(other.attach(http.createServer(ok)));
  assert.equal(await readinessOfOther(), 503);
  assert.equal(other.detach(late), late);
  assert.equal(await readinessOfOther(), 200);
});

test("a server that comes to a ready service does not take it out of its balancers", async (t) => {
  const { service, readiness } = await probed(t);
  await listen(service.attach(http.createServer(ok)));
  const late = service.attach(http.createServer(ok));
  assert.equal(await readiness(), 200);
  await listen(late);
  assert.equal(await readiness(), 200);
});

test("a short-lived server that closed is not waited for", async (t) => {
  const { service, readiness } = await probed(t);
  const brief = service.attach(http.createServer(ok));
  await listen(brief);
  await once(brief.close(), "close");
  assert.equal(await readiness(), 503);
  await listen(service.attach(http.createServer(ok)));
  assert.equal(await readiness(), 200);
});

test("not ready once nothing listens any more, and ready again with the same server, which is drained", async (t) => {
  const { service, readiness } = await probed(t);
  const hold = new Hold();
  const server = service.attach(http.createServer(hold.app));
  const phases: string[] = [];
  service.on("phase", ({ to }) => phases.push(to));
  for (let round = 0; round < 3; round++) {
    await listen(server);
    assert.equal(await readiness(), 200);
    server.close();
    assert.equal(await readiness(), 503);
    await new Promise(setImmediate);
  }
  const port = await listen(server);
  assert.equal(await readiness(), 200);
  const client = await connect({ port });
  await client.get("/");
  const { res } = await hold.next();
  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
  const drained = service.drain();
  await closed;
  const back = Array.from({ length: 3 }, () => ["ready", "starting"]).flat();
  assert.deepEqual(phases, [...back, "ready", "draining"]);
  assert.equal(await tryConnect({ port }), "ECONNREFUSED");
  res.end("whole");
  const { body, headers } = await client.response();
  assert.deepEqual([body, headers.get("connection")], ["whole", "close"]);
  const { outcome, requests } = await drained;
  assert.deepEqual([outcome, requests.inFlight], ["clean", 1]);
});

test("a server that is handed its connections by another one is ready, and drained", async (t) => {
  const service = lastcall({ ...QUIET, lameDuck: false, probes: true });
  t.after(() => service.abort());
  const hold = new Hold();
  const fed = service.attach(http.createServer(hold.app));
  const door = net.createServer((socket) => fed.emit("connection", socket));
  t.after(() => door.close());
  const port = await listen(door);
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
  assert.equal(service.phase, "ready");
  const client = await connect({ port });
  await client.get("/");
  const { res } = await hold.next();
  const drained = service.drain();
  res.end("whole");
  const { body, headers } = await client.response();
  assert.deepEqual([body, headers.get("connection")], ["whole", "close"]);
  assert.equal((await drained).outcome, "clean");
});

test("`listens: false`: ready before the first connection is handed over", async (t) => {
  for (const listens of [true, false]) {
    const { service, readiness } = await probed(t);
    service.attach(http.createServer(ok), { listens });
    assert.equal(await readiness(), listens ? 503 : 200);
  }
});

const BRIEF: Record<string, (service: Service) => Promise<http.Server>> = {
  closed: async (service) => {
    const server = service.attach(http.createServer(ok));
    await listen(server);
    await once(server.close(), "close");
    return server;
  },
  "closed after a request": async (service) => {
    const server = service.attach(http.createServer(ok));
    const port = await listen(server);
    const client = await connect({ port });
    await client.get("/");
    await client.response();
    await once(server.close(), "close");
    client.close();
    return server;
  },
  "closed, with a certificate that a signal reloads": async (service) => {
    const reloadCertificate = { keyFile: "key.pem", certFile: "cert.pem" };
    const server = service.attach(https.createServer(certificate, ok), { reloadCertificate });
    await listen(server);
    await once(server.close(), "close");
    return server;
  },
  "that could not listen": async (service) => {
    const server = service.attach(http.createServer(ok));
    server.listen("/nowhere/there/is/no/such/folder");
    await once(server, "error");
    return server;
  },
  detached: async (service) => {
    const server = service.attach(http.createServer(ok));
    await listen(server);
    await once(service.detach(server).close(), "close");
    return server;
  },
};

for (const [how, brief] of Object.entries(BRIEF)) {
  test(`50 servers ${how} are collected, and none stands in the report`, async (t) => {
    const { service } = await probed(t, { lameDuck: { max: 1 } });
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    await listen(service.attach(http.createServer(ok)));
    const listeners = process.listenerCount("SIGHUP");
    for (let count = 0; count < 50; count++) registry.register(await brief(service), 0);
    assert.ok((await collect(() => collected, 46)) > 45, `${collected} of 50`);
    assert.equal(process.listenerCount("SIGHUP"), listeners);
    const { lameDuck } = await service.drain();
    assert.equal(lameDuck?.servers.length, 1);
  });
}

test("(control) 50 servers that listen still are not collected, and all stand in the report", async (t) => {
  const { service } = await probed(t, { lameDuck: { max: 1 } });
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  for (let count = 0; count < 50; count++) {
    const server = service.attach(http.createServer(ok));
    await listen(server);
    registry.register(server, 0);
  }
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(collected, 0);
  assert.equal((await service.drain()).lameDuck?.servers.length, 50);
});

test("a closed server that is told to listen during the drain binds nothing", async (t) => {
  const { service } = await probed(t);
  const closed = service.attach(http.createServer(ok));
  await listen(closed);
  await once(closed.close(), "close");
  await listen(service.attach(http.createServer(ok)));
  const drained = service.drain();
  closed.listen(0, () => assert.fail("it listens"));
  await once(closed, "error");
  assert.equal(closed.listening, false);
  await drained;
});

test("a server whose owner closes it with a request in flight is drained with the others", async (t) => {
  const { service } = await probed(t);
  const hold = new Hold();
  const server = service.attach(http.createServer(hold.app));
  const client = await connect({ port: await listen(server) });
  await client.get("/");
  const { res } = await hold.next();
  server.close();
  const drained = service.drain();
  res.end("whole");
  assert.equal((await client.response()).body, "whole");
  const { outcome, requests } = await drained;
  assert.deepEqual([outcome, requests.inFlight], ["clean", 1]);
});

interface Traces {
  readonly server: readonly PropertyKey[];
  readonly socket: readonly PropertyKey[];
  readonly counts: readonly number[];
}

function tracesOf(server: http.Server, socket: net.Socket): Traces {
  const counts = ["close", "data", "error", "end", "finish"].map((name) =>
    socket.listenerCount(name),
  );
  return { server: Reflect.ownKeys(server), socket: Reflect.ownKeys(socket), counts };
}

for (const how of ["detach", "uninstall"] as const) {
  test(`${how}: nothing is left on the server nor on its connections, and both are used on`, async (t) => {
    const { service } = await probed(t);
    const hold = new Hold();
    const server = http.createServer(hold.app);
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    const port = await listen(server);
    const arrived = once(server, "connection") as Promise<[net.Socket]>;
    const client = await connect({ port });
    const [socket] = await arrived;
    // What Node itself puts there with the first request is no trace of ours.
    await client.get("/0");
    (await hold.next()).res.end("zero");
    await client.response();
    const before = tracesOf(server, socket);
    service.attach(server);
    assert.notDeepEqual(tracesOf(server, socket), before);
    await client.get("/1");
    const { res } = await hold.next();
    if (how === "detach") service.detach(server);
    else service.uninstall();
    res.end("one");
    assert.equal((await client.response()).headers.get("connection"), "keep-alive");
    const { socket: own, ...rest } = tracesOf(server, socket);
    assert.deepEqual(rest, { server: before.server, counts: before.counts });
    assert.deepEqual(own, before.socket);
    if (how === "detach") {
      assert.throws(() => service.detach(server), { code: "ERR_LASTCALL_ARGUMENT" });
      assert.equal((await service.drain()).connections.open, 0);
    }
    await client.get("/2");
    (await hold.next()).res.end("two");
    assert.equal((await client.response()).body, "two");
    assert.equal(await tryConnect({ port }), "connected");
  });
}

test("detach is refused once the drain has begun", async (t) => {
  const { service } = await probed(t);
  const server = service.attach(http.createServer(ok));
  await listen(server);
  const drained = service.drain();
  assert.throws(() => service.detach(server), { code: "ERR_LASTCALL_STOPPING" });
  await drained;
});

test("a stopped server listens again only once its owner has called uninstall()", async (t) => {
  const { service } = await probed(t);
  const server = service.attach(http.createServer(ok));
  t.after(() => server.close());
  await listen(server);
  await service.drain();
  server.listen(0);
  await once(server, "error");
  service.uninstall();
  const port = await listen(server);
  const client = await connect({ port });
  await client.get("/");
  assert.equal((await client.response()).headers.get("connection"), "keep-alive");
  client.close();
});
