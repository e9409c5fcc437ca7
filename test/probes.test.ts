import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { lastcall } from "lastcall";

import { Hold } from "./harness/hold.js";
import { listen, plain, QUIET, serve } from "./harness/serve.js";
import { connect, tryConnect, type Response, type Target } from "./harness/wire.js";

async function ask(target: Target, path: string, method = "GET"): Promise<Response> {
  const client = await connect(target);
  await client.send(`${method} ${path} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n`);
  const response = await client.response(method);
  client.close();
  return response;
}

test("probes are answered before the application, with the phase", async (t) => {
  const { target } = await serve(t, (_, res) => res.end("app"), { probes: true });
  for (const path of ["/livez", "/readyz", "/readyz?verbose"]) {
    const { status, headers, body } = await ask(target, path);
    assert.equal(status, 200);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.deepEqual(JSON.parse(body), { status: "ok", phase: "ready" });
  }
  assert.deepEqual((await ask(target, "/livez", "HEAD")).body, "");
  assert.equal((await ask(target, "/readyz", "POST")).body, "app");
  assert.equal((await ask(target, "/readyz/x")).body, "app");
});

test("without the option, the application's own routes are its own", async (t) => {
  const { target } = await serve(t, (_, res) => res.end("app"));
  assert.equal((await ask(target, "/readyz")).body, "app");
});

test("on a port of their own they answer nothing else, before the service is ready and until it is closed", async (t) => {
  const hold = new Hold();
  const service = lastcall({
    ...QUIET,
    lameDuck: false,
    probes: { port: 0, host: "127.0.0.1", live: "/alive", ready: "/ready" },
  });
  t.after(() => service.abort());
  const server = service.attach(http.createServer(hold.app));
  while (service.probePort === undefined) await new Promise(setImmediate);
  const probes = { port: service.probePort };
  assert.equal((await ask(probes, "/alive")).status, 200);
  assert.equal((await ask(probes, "/ready")).status, 503);
  assert.equal((await ask(probes, "/")).status, 404);
  const port = await listen(server);
  assert.equal((await ask(probes, "/ready")).status, 200);
  const client = await connect({ port });
  await client.get("/ready");
  const { res } = await hold.next();
  const closed = once(service.stopping, "abort");
  const drained = service.drain();
  await closed;
  assert.equal((await ask(probes, "/ready")).status, 503);
  assert.equal((await ask(probes, "/alive")).status, 200);
  res.end();
  await drained;
  assert.equal(await tryConnect(probes), "ECONNREFUSED");
  assert.equal(service.probePort, undefined);
});

test("a probe port in use is a warning and a line in the report; the service serves and drains", async (t) => {
  const { server: other } = await plain(t, (_, res) => res.end("other"));
  const { port: taken } = other.address() as AddressInfo;
  const service = lastcall({
    ...QUIET,
    lameDuck: false,
    probes: { port: taken, host: "127.0.0.1" },
  });
  t.after(() => service.abort());
  const warned = new Promise<{ code: string }>((resolve) => service.on("warning", resolve));
  const server = service.attach(http.createServer((_, res) => res.end("ok")));
  const target = { port: await listen(server) };
  assert.equal((await warned).code, "probe-port");
  assert.equal((await ask(target, "/")).body, "ok");
  const { outcome, warnings } = await service.drain();
  assert.equal(outcome, "clean");
  assert.equal(warnings.length, 1);
  assert.equal(warnings[0]?.code, "probe-port");
  assert.match(warnings[0]?.message ?? "", /EADDRINUSE/);
  assert.equal((await ask({ port: taken }, "/")).body, "other");
});
