import assert from "node:assert/strict";
import net, { type Socket } from "node:net";
import { once } from "node:events";
import { test } from "node:test";

import { DrainAbortedError, lastcall, TimeoutError, type DrainReport } from "lastcall";

import { listen, QUIET, serve } from "../harness/serve.js";
import { connect } from "../harness/wire.js";

const kinds = ({ hooks }: DrainReport): string[] =>
  hooks.map(({ name, kind, result }) => `${kind} ${name} ${result}`);

test("`draining` runs after the lame duck, beside the requests; `closing` after them; `last` after all", async (t) => {
  const order: string[] = [];
  let answer!: () => void;
  const { service, target } = await serve(
    t,
    (_req, res) => {
      answer = () => res.end("late");
    },
    { lameDuck: { min: 50, max: 50 } },
  );
  service.on("lame-duck-end", () => order.push("lame duck over"));
  service.on("listeners-closed", () => order.push("listeners closed"));
  service.hook("spans", () => order.push("last"), { stage: "last" });
  service.hook("pool", () => order.push("closing"));
  service.hook("logs", () => order.push("last too"), { stage: "last" });
  // Only this stage's end lets the request go on: they run side by side.
  service.hook(
    "grpc",
    () => {
      order.push(`draining in phase ${service.phase}`);
      answer();
    },
    { stage: "draining" },
  );
  const wire = await connect(target);
  await wire.get("/");
  const drained = service.drain();
  assert.deepEqual(order, []);
  const report = await drained;

  assert.equal((await wire.response()).body, "late");
  assert.deepEqual(order, [
    "lame duck over",
    "listeners closed",
    "draining in phase draining",
    "closing",
    "last",
    "last too",
  ]);
  assert.equal(report.outcome, "clean");
  assert.deepEqual(kinds(report), [
    "draining grpc done",
    "closing pool done",
    "last spans done",
    "last logs done",
  ]);
});

test("hooks of `draining` and `last` run all at once, but for `after`", async () => {
  const service = lastcall(QUIET);
  const order: string[] = [];
  let release!: () => void;
  const second = new Promise<void>((resolve) => (release = resolve));
  for (const stage of ["draining", "last"] as const) {
    service.hook("waits", () => second.then(() => order.push(`${stage} waits`)), { stage });
    service.hook("lets go", () => release(), { stage });
    service.hook("follows", () => order.push(`${stage} follows`), { stage, after: ["waits"] });
  }

  const { outcome } = await service.drain();

  assert.deepEqual(order, ["draining waits", "draining follows", "last waits", "last follows"]);
  assert.equal(outcome, "clean");
});

/** A server that is not HTTP: it answers lines, and lets its connections end when told to. */
async function lines(): Promise<{ port: number; stop: () => Promise<void>; cut: () => void }> {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding("latin1").on("error", () => {});
    socket.on("data", () => socket.write("yes\n")).on("close", () => sockets.delete(socket));
  });
  return {
    port: await listen(server),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
    cut: () => sockets.forEach((socket) => socket.destroy()),
  };
}

test("a server that is not HTTP goes on through the lame duck, with no HTTP server beside it", async () => {
  const service = lastcall({ ...QUIET, lameDuck: { min: 200, max: 200 } });
  const { port, stop } = await lines();
  service.hook("lines", stop, { stage: "draining" });
  const ask = async (): Promise<string> => {
    const socket = net.connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      socket.write("still there?\n");
      return String((await once(socket, "data"))[0]);
    } finally {
      socket.destroy();
    }
  };
  const over = new AbortController();
  const drained = service.drain();
  service.on("lame-duck-end", () => over.abort());
  let asked = 0;
  while (!over.signal.aborted) {
    assert.equal(await ask(), "yes\n");
    asked++;
  }

  const report = await drained;
  assert.ok(asked > 0);
  assert.equal(report.outcome, "clean");
  assert.equal(report.lameDuck?.endedBy, "maximum");
  await assert.rejects(ask(), { code: "ECONNREFUSED" });
});

test("(control: stopped in a consumer's way, at the signal, it refuses its clients in the lame duck)", async () => {
  const service = lastcall({ ...QUIET, lameDuck: { min: 200, max: 200 } });
  const { port, stop } = await lines();
  service.stopping.addEventListener("abort", () => void stop());
  service.hook("nothing", () => {}, { stage: "draining" });

  const drained = service.drain();
  const socket = net.connect(port, "127.0.0.1");

  await assert.rejects(once(socket, "connect"), { code: "ECONNREFUSED" });
  await drained;
});

test("a service of closing hooks alone has no lame duck", async () => {
  const service = lastcall({ ...QUIET, lameDuck: { min: 5_000, max: 5_000 } });
  service.hook("pool", () => {});
  assert.equal((await service.drain()).lameDuck, null);
});

test("what is unfinished at the abort instant is told, and has the abort window", async () => {
  const service = lastcall({
    ...QUIET,
    gracePeriod: 3_000,
    lameDuck: false,
    abortWindow: 1_000,
    closingWindow: 500,
    margin: 1_000,
  });
  const { port, stop, cut } = await lines();
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  let reason: unknown;
  service.hook(
    "lines",
    ({ signal }) => {
      signal.addEventListener("abort", () => {
        reason = signal.reason;
        cut();
      });
      return stop();
    },
    { stage: "draining" },
  );

  const report = await service.drain();

  assert.ok(reason instanceof DrainAbortedError);
  assert.equal(report.outcome, "aborted");
  assert.deepEqual(kinds(report), ["draining lines aborted"]);
  assert.deepEqual(
    report.phases.map(({ phase }) => phase),
    ["draining", "aborting", "closing", "closed"],
  );
  assert.ok(report.durationMs >= 499 && report.durationMs < 1_400, `${report.durationMs} ms`);
});

// The cut is where the drain stops waiting for it, too: which of the two comes first must not matter.
test("one that hangs, early or late, is given up at the cut and stands in the report, every time", async () => {
  const hang = (): Promise<void> => new Promise(() => {});
  const drains = Array.from({ length: 10 }, async () => {
    const service = lastcall({ ...QUIET, gracePeriod: 1_500, lameDuck: false });
    service.hook("hangs", hang, { stage: "draining" });
    service.on("phase", ({ to }) => {
      if (to === "draining") setImmediate(() => service.hook("late", hang, { stage: "draining" }));
    });
    return service.drain();
  });
  for (const report of await Promise.all(drains)) {
    assert.deepEqual(kinds(report).toSorted(), ["draining hangs aborted", "draining late aborted"]);
    assert.equal(report.outcome, "aborted");
  }
});

test("its own timeout ends a hook of `draining` before, and the drain has failed", async () => {
  const service = lastcall({ ...QUIET, lameDuck: false });
  let reason: unknown;
  service.hook(
    "hangs",
    ({ signal }) => {
      signal.addEventListener("abort", () => (reason = signal.reason));
      return new Promise(() => {});
    },
    { stage: "draining", timeout: 50 },
  );

  const report = await service.drain();

  assert.ok(reason instanceof TimeoutError);
  assert.equal(report.outcome, "failed");
  assert.deepEqual(kinds(report), ["draining hangs timeout"]);
});

test("a collector that is dead costs its timeout, and nothing else", async () => {
  const service = lastcall({ ...QUIET, lameDuck: false });
  service.hook("spans", () => new Promise(() => {}), { stage: "last", timeout: 100 });
  service.hook("logs", () => Promise.reject(new Error("ECONNREFUSED")), { stage: "last" });

  const report = await service.drain();

  assert.equal(report.outcome, "clean");
  assert.deepEqual(kinds(report), ["last logs failed", "last spans timeout"]);
  assert.ok(report.durationMs >= 99 && report.durationMs < 2_000, `${report.durationMs} ms`);
});

test("(control: the same as closing hooks make the drain fail)", async () => {
  const service = lastcall({ ...QUIET, lameDuck: false });
  service.hook("logs", () => Promise.reject(new Error("ECONNREFUSED")));
  assert.equal((await service.drain()).outcome, "failed");
});

test("a closing hook that hangs leaves the last hooks their two fifths of the window", async () => {
  const service = lastcall({
    ...QUIET,
    gracePeriod: 10_000,
    lameDuck: false,
    closingWindow: 1_000,
  });
  const started = performance.now();
  let at = 0;
  service.hook("hangs", () => new Promise(() => {}));
  // With this alone it would have all of the window.
  service.hook("spans", () => (at = performance.now()), { stage: "last" });

  const report = await service.drain();

  assert.deepEqual(kinds(report), ["closing hangs timeout", "last spans done"]);
  assert.ok(at > started);
  assert.equal(report.outcome, "failed");
});

test("the stage and its timeout are checked when the hook is registered", (t) => {
  const service = lastcall({ ...QUIET, closingWindow: 1_000 });
  t.after(() => service.uninstall());
  const hook = (options: object): void => service.hook("a", () => {}, options);
  assert.throws(() => hook({ stage: "end" }), {
    code: "ERR_LASTCALL_OPTION",
    message: /`stage`.*"draining", "closing".*"last"/s,
  });
  assert.throws(() => hook({ stage: "last", timeout: 401 }), { code: "ERR_LASTCALL_BUDGET" });
  // Each stage has names of its own.
  hook({ stage: "last", timeout: 400 });
  hook({ stage: "draining" });
  hook({});
  assert.throws(() => hook({ stage: "last" }), { code: "ERR_LASTCALL_HOOK_DUPLICATE" });
});
