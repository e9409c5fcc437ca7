import assert from "node:assert/strict";
import { test } from "node:test";

import {
  DrainAbortedError,
  lastcall,
  LastcallError,
  type HookContext,
  type HookReport,
  type Service,
} from "lastcall";

import { QUIET, serve } from "../harness/serve.js";
import { withResolvers } from "../harness/wire.js";

/** A service without a server: its hooks are all there is to run. */
function bare(options: Parameters<typeof lastcall>[0] = {}): Service {
  return lastcall({ ...QUIET, ...options });
}

function results(hooks: readonly HookReport[]): string[] {
  return hooks.map(({ name, kind, result }) => `${kind} ${name} ${result}`);
}

test("hooks run in the reverse order of registration, one after the other", async () => {
  const service = bare();
  const order: string[] = [];
  for (const name of ["logs", "postgres", "http"]) {
    service.hook(name, async () => {
      order.push(`${name} begins`);
      await new Promise(setImmediate);
      order.push(`${name} ends`);
    });
  }
  const { outcome, hooks } = await service.drain();
  assert.deepEqual(order, [
    "http begins",
    "http ends",
    "postgres begins",
    "postgres ends",
    "logs begins",
    "logs ends",
  ]);
  assert.equal(outcome, "clean");
  assert.deepEqual(results(hooks), [
    "closing http done",
    "closing postgres done",
    "closing logs done",
  ]);
});

test("any number of hooks may run side by side, and Node warns of no leak", async () => {
  const service = bare();
  const warnings: string[] = [];
  const note = (warning: Error): void => void warnings.push(warning.message);
  process.on("warning", note);
  const { promise: met, resolve: meet } = withResolvers<void>();
  let waiting = 0;
  for (let index = 1; index <= 20; index++) {
    const run = async (): Promise<void> => {
      if (++waiting === 20) meet();
      await met;
    };
    service.hook(`hook ${index}`, run, { after: [] });
  }
  const { outcome } = await service.drain();
  await new Promise(setImmediate);
  process.off("warning", note);
  assert.equal(outcome, "clean");
  assert.deepEqual(warnings, []);
});

test("`after` puts hooks in the order of their dependencies, and lets the others run side by side", async () => {
  const service = bare();
  const order: string[] = [];
  const { promise: met, resolve: meet } = withResolvers<void>();
  let waiting = 0;
  // Both must run at the same time, or neither ends.
  const together = (name: string) => async () => {
    order.push(name);
    if (++waiting === 2) meet();
    await met;
  };
  service.hook("logs", () => order.push("logs"), { after: ["redis", "postgres"] });
  service.hook("redis", together("redis"), { after: ["queue"] });
  service.hook("postgres", together("postgres"), { after: ["queue"] });
  service.hook("queue", () => order.push("queue"), { after: [] });
  const { outcome } = await service.drain();
  assert.equal(outcome, "clean");
  assert.equal(order[0], "queue");
  assert.deepEqual(order.slice(1, 3).toSorted(), ["postgres", "redis"]);
  assert.equal(order[3], "logs");
});

test("one failing hook stops no other, whatever it throws; all errors are in the report", async () => {
  const service = bare({ gracePeriod: 1_000, closingWindow: 300 });
  const ran: string[] = [];
  service.hook("last", () => ran.push("last"));
  service.hook("throws", () => {
    throw new Error("sync");
  });
  service.hook("rejects", () => Promise.reject(new Error("async")));
  service.hook("rejects with a string", () => Promise.reject("a string"));
  service.hook("throws nothing", () => {
    throw undefined;
  });
  service.hook("never ends", () => new Promise(() => {}), { timeout: 20 });
  service.hook("first", () => ran.push("first"));
  const { outcome, hooks } = await service.drain();
  assert.deepEqual(ran, ["first", "last"]);
  assert.equal(outcome, "failed");
  assert.deepEqual(
    hooks.map(({ name, result, error }) => [name, result, error?.replace(/[\d.]+ ms/, "n ms")]),
    [
      ["first", "done", undefined],
      ["never ends", "timeout", "Hook `never ends` did not end within n ms"],
      ["throws nothing", "failed", "A value that is not an Error was thrown: `undefined`"],
      [
        "rejects with a string",
        "failed",
        'A value that is not an Error was thrown: `"a string"` (string)',
      ],
      ["rejects", "failed", "async"],
      ["throws", "failed", "sync"],
      ["last", "done", undefined],
    ],
  );
});

test("a hook whose time is over is told so; what it does then disturbs nobody", async () => {
  const service = bare({ gracePeriod: 1_000, closingWindow: 300 });
  const unhandled: unknown[] = [];
  const hear = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", hear);
  let context: HookContext | undefined;
  service.hook(
    "slow",
    (given) => {
      context = given;
      return new Promise((_, reject) => {
        given.signal.addEventListener("abort", () => reject(new Error("too late")));
      });
    },
    { timeout: 20 },
  );
  const { outcome, hooks } = await service.drain("a reason");
  await new Promise(setImmediate);
  process.off("unhandledRejection", hear);
  assert.equal(outcome, "failed");
  assert.deepEqual(results(hooks), ["closing slow timeout"]);
  assert.equal(context?.reason, "a reason");
  const reason: unknown = context?.signal.reason;
  assert.ok(reason instanceof LastcallError);
  assert.equal(reason.code, "ERR_LASTCALL_TIMEOUT");
  assert.deepEqual(unhandled, []);
});

test("hooks that hang one after the other are bounded by the budget; what finds no time is skipped", async () => {
  const service = bare({
    gracePeriod: 1_000,
    abortWindow: 0,
    closingWindow: 200,
    margin: 100,
    lameDuck: false,
  });
  const ran: string[] = [];
  service.hook("c", () => ran.push("c"));
  // The budget's end is at 900 ms: five of these fit, and a part of the sixth at most.
  for (let index = 0; index < 8; index++) {
    service.hook(`hangs ${index}`, () => new Promise(() => {}), { timeout: 150 });
  }
  const { outcome, hooks, durationMs } = await service.drain();
  assert.deepEqual(ran, []);
  assert.equal(outcome, "failed");
  assert.equal(hooks.length, 9);
  assert.equal(hooks.at(-1)?.result, "skipped");
  assert.ok(durationMs >= 899, `${durationMs} ms`);
});

test("abort() does not start what has not started, and waits for nothing", async (t) => {
  const { service } = await serve(t, (_, res) => res.end());
  const { promise: begun, resolve: begin } = withResolvers<void>();
  service.hook("second", () => assert.fail("it was skipped"));
  let given: AbortSignal | undefined;
  service.hook("first", ({ signal }) => {
    given = signal;
    begin();
    return new Promise(() => {});
  });
  const drained = service.drain();
  await begun;
  assert.equal(await service.abort(), await drained);
  const { outcome, hooks } = await drained;
  assert.deepEqual(results(hooks), ["closing first aborted", "closing second skipped"]);
  assert.equal(outcome, "aborted");
  assert.ok(given?.reason instanceof DrainAbortedError);
});

test("a name is given once; a hook and a registry may share one", async () => {
  const service = bare();
  service.hook("consul", () => {});
  service.registry("consul", { leave: () => {} });
  assert.throws(() => service.hook("consul", () => {}), {
    name: "LastcallError",
    code: "ERR_LASTCALL_HOOK_DUPLICATE",
    message: /named `consul` already/,
  });
  assert.throws(() => service.registry("consul", { leave: () => {} }), {
    name: "LastcallError",
    code: "ERR_LASTCALL_REGISTRY_DUPLICATE",
    message: /named `consul` already/,
  });
  const { outcome, hooks } = await service.drain();
  assert.equal(outcome, "clean");
  assert.deepEqual(results(hooks), ["closing consul done"]);
});

test("hooks that would wait for each other are refused with the way round, and nothing is kept of them", async () => {
  const service = bare();
  const cycle = (message: RegExp) => ({ code: "ERR_LASTCALL_HOOK_CYCLE", message });
  assert.throws(() => service.hook("a", () => {}, { after: ["a"] }), cycle(/: a after a$/));
  service.hook("a", () => {}, { after: ["b"] });
  service.hook("b", () => {}, { after: ["x", "c"] });
  assert.throws(
    () => service.hook("c", () => {}, { after: ["a"] }),
    cycle(/: c after a after b after c$/),
  );
  service.hook("c", () => {}, { after: [] });
  const { outcome, hooks, warnings } = await service.drain();
  assert.equal(outcome, "clean");
  assert.deepEqual(
    hooks.map(({ name }) => name),
    ["c", "b", "a"],
  );
  // It never was ready, which is a warning of its own.
  const unknown = warnings.filter(({ code }) => code !== "never-ready");
  assert.deepEqual(unknown, [
    { code: "unknown-hook", message: "Hook `b` comes after `x`, which does not exist" },
  ]);
});

test("options of the wrong kind are refused with the same words as the service's own", (t) => {
  const service = bare({ gracePeriod: 10_000, closingWindow: 2_000 });
  t.after(() => service.uninstall());
  const add = (options: unknown) => () => service.hook("x", () => {}, options as never);
  for (const timeout of [-1, 0, Number.NaN, Number.POSITIVE_INFINITY, "1s"]) {
    assert.throws(add({ timeout }), {
      code: "ERR_LASTCALL_OPTION",
      message: /^Expected `timeout` to be a number of milliseconds from 1 to/,
    });
  }
  for (const after of ["a", [1], {}]) {
    assert.throws(add({ after }), {
      code: "ERR_LASTCALL_OPTION",
      message: /^Expected `after` to be an array of names/,
    });
  }
  assert.throws(add({ before: [] }), {
    code: "ERR_LASTCALL_OPTION",
    message: /^Unknown option `before`/,
  });
  for (const options of [null, 5, []]) {
    assert.throws(add(options), { code: "ERR_LASTCALL_OPTION", message: /^Expected `options`/ });
  }
  assert.throws(add({ timeout: 2_001 }), {
    code: "ERR_LASTCALL_BUDGET",
    message: /The timeout of hook `x`, 2001 ms, does not fit into its window of 2000 ms/,
  });
});

test("a hook is refused where the closing window leaves it no time at all", (t) => {
  const service = bare({ gracePeriod: 10_000, closingWindow: 0 });
  t.after(() => service.uninstall());
  assert.throws(() => service.hook("x", () => {}), {
    code: "ERR_LASTCALL_BUDGET",
    message: /window of 0 ms/,
  });
});
