import assert from "node:assert/strict";
import { once } from "node:events";
import http, { type RequestListener } from "node:http";
import { test, type TestContext } from "node:test";

import { lastcall, type LastcallOptions, type Service } from "lastcall";

import { Hold } from "../harness/hold.js";
import { listen, plain, QUIET, serve } from "../harness/serve.js";
import { connect, tryConnect, withResolvers, type Target } from "../harness/wire.js";

/** What a new connection is answered: the status, or why there was none. */
async function ask(target: Target, path: string): Promise<number | string> {
  try {
    const client = await connect(target);
    await client.get(path);
    const { status } = await client.response();
    client.close();
    return status;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "no answer";
  }
}

/** Resolves once an event has been told. */
function told(service: Service, name: "listeners-closed" | "drain-start"): Promise<number> {
  return new Promise((resolve) => {
    service.on(name, () => resolve(performance.now()));
  });
}

/** A service with the probes on a port of their own, and one request in flight. */
async function serveProbed(
  t: TestContext,
  options: LastcallOptions,
  probes: { readyWhileDraining?: boolean } = {},
) {
  const hold = new Hold();
  const app: RequestListener = (req, res) => {
    if (req.url === "/held") hold.app(req, res);
    else res.end("ok");
  };
  const service = lastcall({
    ...QUIET,
    ...options,
    probes: { ...probes, port: 0, host: "127.0.0.1" },
  });
  t.after(() => service.abort());
  const server = service.attach(http.createServer(app));
  const target = { port: await listen(server) };
  while (service.probePort === undefined) await new Promise(setImmediate);
  const client = await connect(target);
  await client.get("/held");
  const { res } = await hold.next();
  return { service, target, probes: { port: service.probePort }, client, res };
}

test("62. readiness flips before LC by at least the lame duck's minimum; liveness stays 200", async (t) => {
  const MIN = 1_500;
  const { service, target, probes, client, res } = await serveProbed(t, { lameDuck: { max: MIN } });
  assert.equal(await ask(probes, "/readyz"), 200);
  const closed = told(service, "listeners-closed");
  const startedAt = performance.now();
  const drained = service.drain();
  // In the very turn of the drain: the first probe after it is told.
  assert.equal(await ask(probes, "/readyz"), 503);
  const flippedAt = performance.now();
  const answers = new Set<number | string>();
  while (service.phase === "lame-duck") {
    // The balancer has not noticed yet and goes on sending.
    const answer = await ask(target, "/");
    if (service.phase === "lame-duck") answers.add(answer);
    assert.equal(await ask(probes, "/readyz"), 503);
    assert.equal(await ask(probes, "/livez"), 200);
  }
  assert.deepEqual([...answers], [200]);
  const closedAt = await closed;
  assert.ok(closedAt - startedAt >= MIN - 1, `closed after ${closedAt - startedAt} ms`);
  t.diagnostic(
    `probe answered 503 after ${(flippedAt - startedAt).toFixed(1)} ms, LC after ${(closedAt - startedAt).toFixed(1)} ms`,
  );
  assert.equal(await tryConnect(target), "ECONNREFUSED");
  assert.equal(await ask(probes, "/livez"), 200);
  assert.equal(await ask(probes, "/readyz"), 503);
  res.end("ok");
  assert.equal((await client.response()).status, 200);
  assert.equal((await drained).outcome, "clean");
});

test("62. (control: without the lame duck) the balancer that has not noticed yet is refused", async (t) => {
  const { service, target, probes, res } = await serveProbed(t, { lameDuck: false });
  const closed = told(service, "listeners-closed");
  const drained = service.drain();
  await closed;
  assert.equal(await ask(probes, "/readyz"), 503);
  assert.equal(await ask(target, "/"), "ECONNREFUSED");
  res.end();
  await drained;
});

test("63. readiness-neutral mode keeps 200", async (t) => {
  const { service, target, probes, client, res } = await serveProbed(
    t,
    { lameDuck: { max: 50 } },
    { readyWhileDraining: true },
  );
  assert.equal(await ask(probes, "/readyz"), 200);
  const closed = told(service, "listeners-closed");
  const drained = service.drain();
  assert.equal(service.phase, "lame-duck");
  assert.equal(await ask(probes, "/readyz"), 200);
  await closed;
  assert.equal(service.phase, "draining");
  assert.equal(await ask(probes, "/readyz"), 200);
  assert.equal(await ask(probes, "/livez"), 200);
  assert.equal(await tryConnect(target), "ECONNREFUSED");
  res.end("ok");
  assert.equal((await client.response()).headers.get("connection"), "close");
  await drained;
});

test("63. readiness-neutral mode does not say ready before the service is", async (t) => {
  const service = lastcall({
    ...QUIET,
    probes: { port: 0, host: "127.0.0.1", readyWhileDraining: true },
  });
  t.after(() => service.abort());
  while (service.probePort === undefined) await new Promise(setImmediate);
  assert.equal(await ask({ port: service.probePort }, "/readyz"), 503);
});

test("64. registries left before LC", async (t) => {
  const { service, target } = await serve(t, (_, res) => res.end("ok"));
  const { promise: left, resolve: leave } = withResolvers<void>();
  service.registry("consul", { leave: () => left });
  let isClosed = false;
  const closed = told(service, "listeners-closed").then(() => {
    isClosed = true;
  });
  const drained = service.drain("deploy");
  // As long as it is in the registry, it is sent new connections, and serves them.
  for (let index = 0; index < 20; index++) assert.equal(await ask(target, "/"), 200);
  assert.equal(isClosed, false);
  leave();
  await closed;
  assert.equal(await tryConnect(target), "ECONNREFUSED");
  const { outcome, registries } = await drained;
  assert.equal(outcome, "clean");
  assert.deepEqual(
    registries.map(({ name, result }) => [name, result]),
    [["consul", "left"]],
  );
});

for (const onFailure of ["warn", "fail"] as const) {
  test(`64. a leave that hangs or fails (${onFailure}) → bounded, reported, the drain goes on`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app);
    let aborted: unknown;
    service.registry(
      "hangs",
      {
        leave: ({ signal }) => {
          signal.addEventListener("abort", () => {
            aborted = signal.reason;
          });
          return new Promise(() => {});
        },
      },
      { timeout: 50, onFailure },
    );
    const leave = (): void => {
      throw new Error("connect ECONNREFUSED");
    };
    service.registry("fails", { leave }, { timeout: 50, onFailure });
    service.registry("leaves", { leave: () => {} });
    const client = await connect(target);
    await client.get("/");
    const { res } = await hold.next();
    const closed = told(service, "listeners-closed");
    const drained = service.drain();
    await closed;
    res.end("ok");
    assert.equal((await client.response()).status, 200);
    const { outcome, registries, warnings, phases } = await drained;
    assert.equal(outcome, onFailure === "warn" ? "clean" : "failed");
    assert.equal((aborted as { code?: string }).code, "ERR_LASTCALL_TIMEOUT");
    assert.deepEqual(
      registries.map(({ name, result, error }) => [name, result, error?.replace(/[\d.]+/, "n")]),
      [
        ["hangs", "timeout", "`leave` did not end within n ms"],
        ["fails", "failed", "connect ECONNREFUSED"],
        ["leaves", "left", undefined],
      ],
    );
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ["registry-failed", "registry-failed"],
    );
    assert.equal(phases.at(-1)?.phase, "closed");
  });
}

test("64. a leave that hangs longer than the lame duck and the draining → the listener closes at the abort instant", async (t) => {
  const { service, target } = await serve(t, (_, res) => res.end("ok"), {
    gracePeriod: 3_000,
    abortWindow: 100,
    closingWindow: 400,
    margin: 2_100,
  });
  service.registry("hangs", { leave: () => new Promise(() => {}) }, { timeout: 400 });
  const closed = told(service, "listeners-closed");
  const drained = service.drain();
  await closed;
  assert.equal(await tryConnect(target), "ECONNREFUSED");
  const { durationMs, registries } = await drained;
  assert.equal(registries[0]?.result, "timeout");
  assert.ok(durationMs >= 399 && durationMs < 3_000, `${durationMs} ms`);
});

test("66. hooks: dependency order, reverse by default; one failure stops none; all errors gathered; per-hook timeout", async (t) => {
  const { service } = await serve(t, (_, res) => res.end());
  const order: string[] = [];
  const run = (name: string) => () => void order.push(name);
  service.hook("logs", run("logs"));
  service.hook("postgres", run("postgres"));
  service.hook("outbox", () => {
    order.push("outbox");
    throw new Error("not flushed");
  });
  service.hook("broker", () => Promise.reject(new Error("not acknowledged")));
  service.hook("slow", () => new Promise(() => {}), { timeout: 30 });
  service.hook("metrics", run("metrics"), { after: ["logs"] });
  service.hook("tracing", run("tracing"), { after: ["metrics", "postgres"] });
  const { outcome, hooks } = await service.drain();
  assert.equal(outcome, "failed");
  assert.deepEqual(order, ["outbox", "postgres", "logs", "metrics", "tracing"]);
  assert.deepEqual(
    hooks.map(({ name, result, error }) => [name, result, error?.replace(/[\d.]+/, "n")]),
    [
      ["slow", "timeout", "Hook `slow` did not end within n ms"],
      ["broker", "failed", "not acknowledged"],
      ["outbox", "failed", "not flushed"],
      ["postgres", "done", undefined],
      ["logs", "done", undefined],
      ["metrics", "done", undefined],
      ["tracing", "done", undefined],
    ],
  );
  const slow = hooks[0]?.durationMs ?? 0;
  assert.ok(slow >= 29, `given up after ${slow} ms`);
});

/** A pool that answers queries until it is closed. */
class Pool {
  isClosed = false;
  query(): string {
    if (this.isClosed) throw new Error("pool is closed");
    return "row";
  }
  end(): void {
    this.isClosed = true;
  }
}

/** Answers a query when the test lets it. */
function query(pool: Pool, held: Awaited<ReturnType<Hold["next"]>>): void {
  try {
    held.res.end(pool.query());
  } catch (error) {
    held.res.writeHead(500).end(String(error));
  }
}

test("67. the database pool closes only after the last in-flight response (a query during the drain works)", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const pool = new Pool();
  const client = await connect(target);
  let receivedBefore = "";
  const { promise: received, resolve: receive } = withResolvers<void>();
  service.hook("postgres", async () => {
    // The response is on the wire already: the client has it although this hook has not gone on.
    await received;
    receivedBefore = client.text;
    pool.end();
  });
  const closed = told(service, "listeners-closed");
  await client.get("/rows");
  const held = await hold.next();
  const drained = service.drain();
  await closed;
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  assert.equal(pool.isClosed, false);
  query(pool, held);
  const { status, body } = await client.response();
  receive();
  assert.equal(status, 200);
  assert.equal(body, "row");
  assert.equal((await drained).outcome, "clean");
  assert.ok(receivedBefore.endsWith("row"));
  assert.equal(pool.isClosed, true);
});

test("67. (control: a pool closed on the signal) the query in flight fails", async (t) => {
  const hold = new Hold();
  const { server, target } = await plain(t, hold.app);
  const pool = new Pool();
  const client = await connect(target);
  await client.get("/rows");
  const held = await hold.next();
  // As in many a handler for SIGTERM.
  server.close();
  pool.end();
  query(pool, held);
  assert.equal((await client.response()).status, 500);
});

test("72. uninstall: what others have put on the server stays, whether before or after", async (t) => {
  const seen: string[] = [];
  const emitOf = (server: http.Server): unknown =>
    Object.getOwnPropertyDescriptor(server, "emit")?.value;
  const trace = (server: http.Server, name: string): unknown => {
    const emit = server.emit.bind(server) as (...args: unknown[]) => boolean;
    const traced = (...args: unknown[]): boolean => {
      if (args[0] === "request") seen.push(name);
      return emit(...args);
    };
    server.emit = traced as http.Server["emit"];
    return traced;
  };
  const service = lastcall(QUIET);
  const first = http.createServer((_, res) => res.end("first"));
  const before = trace(first, "before");
  service.attach(first);
  const second = service.attach(http.createServer((_, res) => res.end("second")));
  const after = trace(second, "after");
  service.uninstall();
  assert.equal(emitOf(first), before);
  assert.equal(emitOf(second), after);
  for (const server of [first, second]) {
    t.after(() => server.close());
    assert.equal(await ask({ port: await listen(server) }, "/"), 200);
  }
  assert.deepEqual(seen, ["before", "after"]);
  // What lies below the wrapper keeps no count any more: it can be attached anew, and drained.
  const next = lastcall({ ...QUIET, lameDuck: false });
  next.attach(second);
  const { outcome } = await next.drain();
  assert.equal(outcome, "clean");
  assert.equal(second.listening, false);
});

test("72. Symbol.asyncDispose drains, and uninstalls", async () => {
  const hold = new Hold();
  const before = process.listenerCount("SIGTERM");
  let client;
  let service: Service | undefined;
  {
    await using disposed = lastcall({ report: false, lameDuck: false });
    service = disposed;
    const server = disposed.attach(http.createServer(hold.app));
    const target = { port: await listen(server) };
    assert.equal(process.listenerCount("SIGTERM"), before + 1);
    client = await connect(target);
    await client.get("/");
    const { res } = await hold.next();
    void once(disposed.stopping, "abort").then(() => res.end("ok"));
  }
  assert.equal(service.phase, "closed");
  assert.equal((await client.response()).body, "ok");
  assert.equal(process.listenerCount("SIGTERM"), before);
  // Disposing of what is uninstalled already is no error.
  const other = lastcall(QUIET);
  other.uninstall();
  await other[Symbol.asyncDispose]();
  assert.equal(other.phase, "starting");
});
