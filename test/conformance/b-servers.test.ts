import assert from "node:assert/strict";
import test from "node:test";

import { lastcall } from "lastcall";

import { start } from "../harness/program.js";
import { plain, QUIET, serve } from "../harness/serve.js";
import { connect } from "../harness/wire.js";

for (const services of ["one", "two"]) {
  test(`28. two servers in one process, one idle, one busy: the busy one loses nothing (${services} service${services === "two" ? "s" : ""})`, async (t) => {
    const program = start(t, "two-servers", [services]);
    const [, idlePort, busyPort] = await program.says(/listening (\d+) and (\d+)/);
    const idle = await connect({ port: Number(idlePort) });
    await idle.get("/");
    await idle.response();
    const slow = [];
    for (let count = 0; count < 20; count++) {
      const wire = await connect({ port: Number(busyPort) });
      await wire.get("/slow");
      slow.push(wire);
    }
    await program.says(/20 wait/);

    program.kill("SIGTERM");
    assert.equal(await idle.ended(), "fin");
    // Whoever is done first must not end the process.
    if (services === "two") await program.says(/idle drained/);
    program.kill("SIGUSR2");
    for (const wire of slow) {
      const { status, headers, body } = await wire.response();
      assert.deepEqual([status, headers.get("connection"), body], [200, "close", "slow"]);
      assert.equal(await wire.ended(), "fin");
    }
    assert.deepEqual(await program.exit, { code: 0, signal: null });
  });
}

test("29. a synchronous handler's response in the same turn as D says close", async (t) => {
  const { service, target } = await serve(t, (_req, res) => {
    void service.drain();
    res.end("same turn");
  });
  const wire = await connect(target);
  await wire.get("/");
  const { status, headers, body } = await wire.response();
  assert.deepEqual([status, headers.get("connection"), body], [200, "close", "same turn"]);
  assert.equal(await wire.ended(), "fin");
  assert.equal((await service.drain()).outcome, "clean");
});

test("29. a synchronous handler's response in the same turn as D says close: also when the application listens before the attach", async (t) => {
  const service = lastcall({ ...QUIET, lameDuck: false });
  const { server, target } = await plain(t, (_req, res) => res.end("sync"));
  // The drain begins in front of the application's own listener, in the very event of the request.
  server.prependListener("request", () => void service.drain());
  service.attach(server);
  const wire = await connect(target);
  await wire.get("/");
  assert.equal((await wire.response()).headers.get("connection"), "close");
  assert.equal(await wire.ended(), "fin");
  assert.equal((await service.drain()).outcome, "clean");
});

test("29. a synchronous handler's response in the same turn as D says close: a request that one packet brings with the one that begins the drain", async (t) => {
  let count = 0;
  const { service, target } = await serve(t, (_req, res) => {
    count++;
    if (count === 2) void service.drain();
    res.end(`${count}`);
  });
  const wire = await connect(target);
  await wire.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n".repeat(2));
  assert.equal((await wire.response()).headers.get("connection"), "keep-alive");
  assert.equal((await wire.response()).headers.get("connection"), "close");
  assert.equal(await wire.ended(), "fin");
  assert.equal((await service.drain()).outcome, "clean");
});
