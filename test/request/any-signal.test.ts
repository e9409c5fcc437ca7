import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { anySignal, ClientGoneError, requestSignal, TimeoutError, withTimeout } from "lastcall";

import { Hold } from "../harness/hold.js";
import { start } from "../harness/program.js";
import { serve } from "../harness/serve.js";
import { connect } from "../harness/wire.js";

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

test("anySignal aborts with the first of its sources, once, and with its reason", () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const signal = anySignal([undefined, first.signal, null, second.signal]);
  let count = 0;
  signal.addEventListener("abort", () => count++);
  assert.ok(signal instanceof AbortSignal);
  assert.equal(signal.aborted, false);
  const reason = new Error("why");
  second.abort(reason);
  first.abort(new Error("late"));
  assert.deepEqual([signal.aborted, signal.reason, count], [true, reason, 1]);
});

test("anySignal of an aborted source is aborted, of none it never aborts", () => {
  const reason = new Error("before");
  assert.equal(anySignal([new AbortController().signal, AbortSignal.abort(reason)]).reason, reason);
  assert.equal(anySignal([]).aborted, false);
});

test("anySignal follows nothing any more once it is cleared, by a call or by `using`", () => {
  const source = new AbortController();
  const called = anySignal([source.signal]);
  called.clear();
  called.clear();
  const disposed = anySignal([source.signal]);
  disposed[Symbol.dispose]();
  const follows = anySignal([source.signal]);
  source.abort();
  assert.deepEqual([called.aborted, disposed.aborted, follows.aborted], [false, false, true]);
});

test("anySignal can be followed in turn, by itself and by Node's own", () => {
  const source = new AbortController();
  const inner = anySignal([source.signal]);
  const [outer, native] = [anySignal([inner]), AbortSignal.any([inner])];
  source.abort("why");
  assert.deepEqual([outer.reason, native.reason], ["why", "why"]);
});

test("anySignal follows a request's signal until the request is over", async (t) => {
  const hold = new Hold();
  const { target } = await serve(t, hold.app);
  const client = await connect(target);
  const process = new AbortController();

  await client.get("/");
  const first = await hold.next();
  const answered = anySignal([requestSignal(first.req), process.signal]);
  const nested = anySignal([answered, process.signal]);
  first.res.end();
  await client.response();
  await turns();
  process.abort();
  assert.deepEqual([answered.aborted, nested.aborted], [false, false]);

  await client.get("/");
  const second = await hold.next();
  const left = anySignal([requestSignal(second.req), new AbortController().signal]);
  client.close();
  await once(left, "abort");
  assert.ok(left.reason instanceof ClientGoneError);
});

test("anySignal follows on while something that waitUntil was given belongs to the request", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const client = await connect(target);
  const process = new AbortController();
  await client.get("/");
  const { req, res } = await hold.next();
  const signal = anySignal([requestSignal(req), process.signal]);
  let settle = (): void => {};
  service.waitUntil(new Promise<void>((resolve) => (settle = resolve)), { request: req });
  res.end();
  await client.response();
  await turns();
  process.abort("why");
  assert.equal(signal.reason, "why");
  settle();
  client.close();
});

test("withTimeout aborts after its time, with a reason that has the name of AbortSignal.timeout's", async () => {
  const signal = withTimeout(undefined, 20);
  // The timer itself holds no process.
  const holds = setTimeout(() => {}, 10_000);
  await once(signal, "abort");
  clearTimeout(holds);
  const { reason } = signal as { reason: TimeoutError };
  assert.ok(reason instanceof TimeoutError);
  assert.deepEqual(
    [reason.name, reason.code, reason.timeoutMs, reason.message],
    ["TimeoutError", "ERR_LASTCALL_TIMEOUT", 20, "It took longer than 20 ms"],
  );
});

test("withTimeout aborts with its source, and not after it was cleared", async () => {
  const source = new AbortController();
  const follows = withTimeout(source.signal, 30);
  const cleared = withTimeout(source.signal, 30);
  cleared.clear();
  source.abort("why");
  assert.deepEqual([follows.reason, cleared.aborted], ["why", false]);
  await pause(60);
  assert.deepEqual([follows.reason, cleared.aborted], ["why", false]);
  assert.equal(withTimeout(source.signal, 30).reason, "why");
});

test("withTimeout leaves no timer when its request is over", async (t) => {
  const hold = new Hold();
  const { target } = await serve(t, hold.app);
  const client = await connect(target);
  await client.get("/");
  const { req, res } = await hold.next();
  const signal = withTimeout(requestSignal(req), 100);
  res.end();
  await client.response();
  await pause(150);
  assert.equal(signal.aborted, false);
  client.close();
});

test("what is no signal, or no time, is refused", () => {
  const code = "ERR_LASTCALL_ARGUMENT";
  assert.throws(() => anySignal(["abort" as never]), {
    code,
    message: 'Expected `signal` to be an AbortSignal, got `"abort"` (string)',
  });
  assert.throws(() => withTimeout({} as never, 5), { code });
  for (const time of [-1, Number.NaN, 2 ** 31, "5s"]) {
    assert.throws(() => withTimeout(undefined, time as never), {
      code,
      message: /^Expected `time` to be milliseconds, got /,
    });
  }
});

// AbortSignal.any retains over a kilobyte for each (nodejs/node#54614): the control.
test("100,000 signals with a source that never aborts are not retained", async (t) => {
  const program = start(t, "signals");
  assert.deepEqual(await program.exit, { code: 0, signal: null });
  const { native, cleared, timed, requests } = JSON.parse(program.stdout) as Record<string, number>;
  t.diagnostic(`bytes retained for each: ${program.stdout.trim()}`);
  assert.ok((native ?? 0) > 500, "AbortSignal.any");
  for (const [how, bytes = NaN] of Object.entries({ cleared, timed, requests })) {
    assert.ok(bytes < 50, `${how}: ${bytes} bytes retained for each`);
  }
});
