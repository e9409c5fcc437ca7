import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { DrainAbortedError, lastcall, requestSignal } from "lastcall";

import { Hold } from "../harness/hold.js";
import { ask, HoldStreams, openSession, serveHttp2 } from "../harness/http2.js";
import { start } from "../harness/program.js";
import { QUIET, serve } from "../harness/serve.js";
import { connect, withResolvers } from "../harness/wire.js";

const SHORT = { gracePeriod: 1_000, abortWindow: 200, closingWindow: 300, margin: 100 };

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}

test("the order: consumers told, requests and consumers over, sinks told, sinks over, hooks", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const order: string[] = [];
  const { promise: mayEnd, resolve: end } = withResolvers<void>();
  const { promise: mayFlush, resolve: flush } = withResolvers<void>();
  service.hook("pool", () => order.push("hook"));
  service.task(
    "sink",
    async ({ stopping }) => {
      await once(stopping, "abort");
      order.push("sink told");
      await mayFlush;
      order.push("sink over");
    },
    { kind: "sink" },
  );
  service.task(
    "consumer",
    async ({ stopping }) => {
      assert.equal(stopping, service.stopping);
      await once(stopping, "abort");
      order.push("consumer told");
      await mayEnd;
      order.push("consumer over");
    },
    { kind: "consumer" },
  );
  await turns();
  const client = await connect(target);
  await client.get("/");
  const { req, res } = await hold.next();

  const drained = service.drain();
  await turns();
  assert.deepEqual(order.splice(0), ["consumer told"]);
  end();
  await turns();
  assert.deepEqual(order.splice(0), ["consumer over"], "the request is still in flight");
  const { promise: published, resolve: publish } = withResolvers<void>();
  service.waitUntil(published, { request: req });
  res.end();
  await client.response();
  client.close();
  await once(req.socket, "close");
  await turns();
  assert.deepEqual(order.splice(0), [], "what the request left behind is not settled");
  publish();
  await turns();
  assert.deepEqual(order.splice(0), ["sink told"]);
  flush();
  assert.equal((await drained).outcome, "clean");
  assert.deepEqual(order, ["sink over", "hook"]);
});

test("a consumer that hangs is no reason to keep a sink waiting past the abort instant", async () => {
  const service = lastcall({ ...QUIET, ...SHORT, lameDuck: false });
  const order: string[] = [];
  service.task("hangs", () => new Promise(() => {}));
  service.task(
    "sink",
    async ({ stopping, signal }) => {
      await once(stopping, "abort");
      await turns();
      order.push(service.phase, String(signal.reason instanceof DrainAbortedError));
    },
    { kind: "sink" },
  );
  await turns();
  const { outcome, tasks } = await service.drain();
  assert.deepEqual(order, ["aborting", "true"]);
  assert.deepEqual(
    tasks.map(({ name, result }) => `${name} ${result}`),
    ["hangs left"],
  );
  assert.equal(outcome, "aborted");
});

test("work of a request is named with its route, and its signal aborts for it long after the response", async (t) => {
  for (const isCurrent of [true, false]) {
    const { promise: begun, resolve: begin } = withResolvers<void>();
    const { service, target } = await serve(
      t,
      (req, res) => {
        service.waitUntil(
          new Promise(() => {}),
          isCurrent ? "audit" : { name: "audit", request: req },
        );
        res.end();
        begin();
      },
      { ...SHORT, currentSignal: isCurrent },
    );
    const client = await connect(target);
    await client.get("/orders?token=secret");
    await begun;
    await client.response();
    const { tasks } = await service.abort();
    assert.deepEqual(
      tasks.map(({ name, result, method, route }) => [name, result, method, route]),
      [["audit", "left", "GET", "/orders"]],
    );
    client.close();
  }
});

for (const api of ["compat", "stream"] as const) {
  test(`work of a request of HTTP/2 is named with its route (${api})`, async (t) => {
    const [hold, streams] = [new Hold(), new HoldStreams()];
    const app = api === "compat" ? { compat: hold.app } : { stream: streams.app };
    const { service, url } = await serveHttp2(t, app);
    const session = await openSession(t, url);
    const answered = ask(session, "/orders?token=secret", { method: "POST" });
    if (api === "compat") {
      const { req, res } = await hold.next();
      service.waitUntil(new Promise(() => {}), { request: req });
      res.end();
    } else {
      const { stream } = await streams.next();
      service.waitUntil(new Promise(() => {}), { request: stream });
      stream.respond({ ":status": 200 });
      stream.end();
    }
    assert.equal((await answered).isWhole, true);
    const { tasks } = await service.abort();
    assert.deepEqual(
      tasks.map(({ result, method, route }) => [result, method, route]),
      [["left", "POST", "/orders"]],
    );
  });
}

test("without a request, or the option, work belongs to nobody", async (t) => {
  const { service, target } = await serve(t, (_req, res) => {
    service.waitUntil(new Promise(() => {}), "audit");
    res.end();
  });
  const client = await connect(target);
  await client.get("/");
  await client.response();
  const { tasks } = await service.abort();
  assert.deepEqual(Object.keys(tasks[0] ?? {}), ["name", "result", "durationMs"]);
  client.close();
});

test("a client that leaves is no failure of the work that its request has left", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const client = await connect(target);
  await client.get("/");
  const { req } = await hold.next();
  const signal = requestSignal(req);
  service.waitUntil(
    once(signal, "abort").then(() => {
      throw signal.reason;
    }),
    { request: req },
  );
  const ended = new Promise<{ result: string }>((resolve) => service.on("task-end", resolve));
  client.close();
  assert.equal((await ended).result, "done");
  const { outcome, warnings } = await service.drain();
  assert.deepEqual([outcome, warnings], ["clean", []]);
});

test("a task that fails before the drain: a warning, and the service goes on", async (t) => {
  const program = start(t, "task-fails", ["report"]);
  await program.says(/failed, phase ready/);
  program.kill("SIGTERM");
  assert.deepEqual(await program.exit, { code: 0, signal: null });
  const { reason, outcome, warnings, tasks } = program.report;
  assert.deepEqual([reason, outcome, tasks], ["SIGTERM", "clean", []]);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ["task-failed"],
  );
});

test("a task that fails before the drain: the service stops in order, with code 1", async (t) => {
  const program = start(t, "task-fails", ["stop"]);
  assert.deepEqual(await program.exit, { code: 1, signal: null });
  assert.match(program.stdout, /hook ran/);
  const { reason, outcome, tasks } = program.report;
  assert.deepEqual([reason, outcome], ["task `watch` failed", "failed"]);
  assert.deepEqual(
    tasks.map(({ name, result, error }) => [name, result, error]),
    [["watch", "failed", "connection lost"]],
  );
});

test("what is no kind, or no policy, is refused", (t) => {
  const service = lastcall(QUIET);
  t.after(() => service.uninstall());
  const add = (options: object) => () => service.task("x", () => {}, options);
  assert.throws(add({ kind: "worker" }), {
    code: "ERR_LASTCALL_OPTION",
    message: 'Expected `kind` to be "consumer" or "sink", got `"worker"` (string)',
  });
  assert.throws(add({ onFailure: true }), { code: "ERR_LASTCALL_OPTION" });
  assert.throws(() => service.waitUntil(Promise.resolve(), { request: {} as never }), {
    code: "ERR_LASTCALL_ARGUMENT",
    message: /^Expected `req` to be the request of a Node server/,
  });
});
