import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { DrainAbortedError, type TaskReport } from "lastcall";

import { serve } from "../harness/serve.js";
import { withResolvers } from "../harness/wire.js";

/** Windows short enough for a test that has to see the abort instant. */
const SHORT = { gracePeriod: 1_000, abortWindow: 100, closingWindow: 400, margin: 100 };

function results(tasks: readonly TaskReport[]): [string, string, string?][] {
  return tasks.map(({ name, result, error }) =>
    error === undefined ? [name, result] : [name, result, error],
  );
}

test("a task is told to stop when the drain begins, and waited for", async (t) => {
  const { service } = await serve(t, (_, res) => res.end());
  const { promise: mayEnd, resolve: end } = withResolvers<void>();
  const { promise: told, resolve: tell } = withResolvers<void>();
  let isDone = false;
  service.task("outbox", async ({ stopping, signal }) => {
    assert.equal(stopping, service.stopping);
    stopping.addEventListener("abort", () => tell());
    await mayEnd;
    assert.equal(signal.aborted, false);
    isDone = true;
  });
  await new Promise(setImmediate);
  let isDrained = false;
  const drained = service.drain().finally(() => {
    isDrained = true;
  });
  await told;
  // Requests and connections there are none: ten turns later only the task holds the drain.
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  assert.equal(isDrained, false);
  end();
  const { outcome, tasks } = await drained;
  assert.equal(isDone, true);
  assert.equal(outcome, "clean");
  assert.deepEqual(tasks, []);
});

test("a task starts in the turn after it was given, also one that throws at once", async (t) => {
  const { service } = await serve(t, (_, res) => res.end());
  const order: string[] = [];
  service.on("task-start", ({ name }) => order.push(`start ${name}`));
  service.on("task-end", ({ name, result }) => order.push(`${result} ${name}`));
  service.task("a", () => {
    order.push("a");
  });
  service.task("b", () => {
    throw new Error("at once");
  });
  order.push("given");
  await service.drain();
  assert.deepEqual(order, ["start a", "start b", "given", "a", "done a", "failed b"]);
});

test("what a task throws during the drain is in the report, and makes it fail", async (t) => {
  const { service } = await serve(t, (_, res) => res.end());
  const whenTold = (thrown: unknown) => () =>
    new Promise((_, reject) => {
      service.stopping.addEventListener("abort", () => reject(thrown));
    });
  service.task("error", whenTold(new Error("no disk")));
  service.task("string", whenTold("no disk"));
  service.task("nothing", whenTold(undefined));
  service.task("told", whenTold(service.stopping.reason));
  await new Promise(setImmediate);
  const { outcome, tasks } = await service.drain();
  assert.equal(outcome, "failed");
  assert.deepEqual(results(tasks), [
    ["error", "failed", "no disk"],
    ["string", "failed", 'A value that is not an Error was thrown: `"no disk"` (string)'],
    ["nothing", "failed", "A value that is not an Error was thrown: `undefined`"],
    ["told", "failed", "A value that is not an Error was thrown: `undefined`"],
  ]);
});

test("a task that ends by throwing what it was told has done what it was asked", async (t) => {
  const { service } = await serve(t, (_, res) => res.end(), SHORT);
  service.task("stops", async ({ stopping }) => {
    await sleep(60_000, undefined, { signal: stopping });
  });
  service.task("throws the reason", ({ stopping }) => {
    return new Promise((_, reject) => {
      stopping.addEventListener("abort", () => reject(stopping.reason as Error));
    });
  });
  await new Promise(setImmediate);
  const { outcome, tasks } = await service.drain();
  assert.equal(outcome, "clean");
  assert.deepEqual(tasks, []);
});

test("a task that works on is told to give up at the abort instant, and left at the cut", async (t) => {
  const { service } = await serve(t, (_, res) => res.end(), SHORT);
  let reason: unknown;
  service.task("gives up", async ({ signal }) => {
    try {
      await sleep(60_000, undefined, { signal });
    } finally {
      reason = signal.reason;
    }
  });
  service.task("never", () => new Promise(() => {}));
  service.waitUntil(new Promise(() => {}));
  const { outcome, tasks, phases, durationMs } = await service.drain();
  assert.equal(outcome, "aborted");
  assert.ok(reason instanceof DrainAbortedError);
  assert.ok(reason.timeLeftMs >= 0 && reason.timeLeftMs <= 101, `${reason.timeLeftMs} ms left`);
  assert.deepEqual(
    tasks.map(({ name, result }) => [name, result]),
    [
      ["gives up", "aborted"],
      ["never", "left"],
      ["waitUntil", "left"],
    ],
  );
  assert.deepEqual(
    phases.map(({ phase }) => phase),
    ["draining", "aborting", "closing", "closed"],
  );
  assert.ok(durationMs >= 490, `${durationMs} ms`);
});

test("a failure long before the drain is told at once; the drain itself is clean", async (t) => {
  const { service } = await serve(t, (_, res) => res.end());
  const warnings: string[] = [];
  service.on("warning", ({ code, message }) => warnings.push(`${code}: ${message}`));
  service.waitUntil(Promise.reject(new Error("no such address")), "mail");
  await new Promise(setImmediate);
  assert.deepEqual(warnings, ["task-failed: Task `mail` failed: no such address"]);
  const report = await service.drain();
  assert.equal(report.outcome, "clean");
  assert.deepEqual(report.tasks, []);
  assert.deepEqual(report.warnings, [
    { code: "task-failed", message: "Task `mail` failed: no such address" },
  ]);
});

test("failures of months do not pile up", async (t) => {
  const { service } = await serve(t, (_, res) => res.end());
  for (let index = 0; index < 1_000; index++) {
    service.waitUntil(Promise.reject(new Error(`failure ${index}`)));
  }
  await new Promise(setImmediate);
  const { outcome, warnings, tasks } = await service.drain();
  assert.equal(outcome, "clean");
  assert.equal(tasks.length, 0);
  assert.ok(warnings.length <= 20, `${warnings.length} warnings`);
});

test("waitUntil() takes work of handlers that still run, during the drain too", async (t) => {
  const { service } = await serve(t, (_, res) => res.end());
  const { promise: first, resolve: endFirst } = withResolvers<void>();
  const { promise: second, resolve: endSecond } = withResolvers<void>();
  service.waitUntil(
    first.then(() => {
      assert.equal(service.phase, "draining");
      service.waitUntil(second, "second");
    }),
  );
  const ended: string[] = [];
  service.on("task-end", ({ name }) => ended.push(name));
  service.on("listeners-closed", () => endFirst());
  const drained = service.drain();
  await new Promise<void>((resolve) => service.on("task-end", () => resolve()));
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  assert.deepEqual(ended, ["waitUntil"]);
  endSecond();
  assert.equal((await drained).outcome, "clean");
  assert.deepEqual(ended, ["waitUntil", "second"]);
});

test("a thenable that is broken is a task that failed, not a drain that hangs", async (t) => {
  const { service } = await serve(t, (_, res) => res.end());
  service.waitUntil({
    // oxlint-disable-next-line unicorn/no-thenable
    then() {
      throw new Error("broken");
    },
  });
  const { outcome, tasks } = await service.drain();
  assert.equal(outcome, "failed");
  assert.deepEqual(results(tasks), [["waitUntil", "failed", "broken"]]);
});
