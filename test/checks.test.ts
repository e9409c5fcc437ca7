// Readiness of the application's own: bounded in time, failing closed, and no storm.
import assert from "node:assert/strict";
import http from "node:http";
import { test, type TestContext } from "node:test";

import { lastcall, type LastcallOptions, type ProbeOptions, type Service } from "lastcall";

import { Hold } from "./harness/hold.js";
import { listen, QUIET } from "./harness/serve.js";
import { connect, withResolvers } from "./harness/wire.js";

interface Readiness {
  readonly status: number;
  readonly body: { readonly status: string; readonly checks?: Readonly<Record<string, string>> };
}

async function served(
  t: TestContext,
  probes: ProbeOptions,
  options: LastcallOptions = {},
): Promise<{ service: Service; warnings: string[]; ready: () => Promise<Readiness> }> {
  const service = lastcall({ ...QUIET, lameDuck: false, probes, ...options });
  t.after(() => service.abort());
  const warnings: string[] = [];
  service.on("warning", ({ code, message }) => warnings.push(`${code}: ${message}`));
  const port = await listen(service.attach(http.createServer()));
  const ready = async (): Promise<Readiness> => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    return { status: response.status, body: (await response.json()) as Readiness["body"] };
  };
  return { service, warnings, ready };
}

test("ready while every check passes", async (t) => {
  const { ready } = await served(t, { checks: { database: () => {}, cache: async () => true } });
  const { status, body } = await ready();
  assert.equal(status, 200);
  assert.deepEqual(body.checks, { database: "passed", cache: "passed" });
});

for (const [how, check, why] of [
  [
    "throws",
    () => {
      throw new Error("no route");
    },
    "no route",
  ],
  ["rejects", () => Promise.reject(new Error("no route")), "no route"],
  ["returns false", () => false, "it returned false"],
] as const) {
  test(`a check that ${how} is not ready; told once, and again after it has passed`, async (t) => {
    let isWell = false;
    const checks = { database: () => (isWell ? undefined : check()), cache: () => true };
    const { warnings, ready } = await served(t, { checks, checkAge: 0 });
    for (const turn of [false, false, true, false]) {
      isWell = turn;
      const { status, body } = await ready();
      assert.equal(status, turn ? 200 : 503);
      assert.equal(body.checks?.["database"], turn ? "passed" : "failed");
      assert.equal(body.checks?.["cache"], "passed");
    }
    const told = `check-failed: Readiness check \`database\` failed: ${why}`;
    assert.deepEqual(warnings, [told, told]);
  });
}

test("a check that hangs is not ready after its timeout, told to stop, and not called again meanwhile", async (t) => {
  const hangs = withResolvers<void>();
  const signals: AbortSignal[] = [];
  const check = ({ signal }: { signal: AbortSignal }): Promise<void> => {
    signals.push(signal);
    return hangs.promise;
  };
  const { ready } = await served(t, { checks: { database: check }, checkTimeout: 50, checkAge: 0 });
  for (let count = 0; count < 3; count++) {
    const { status, body } = await ready();
    assert.deepEqual([status, body.checks], [503, { database: "timeout" }]);
  }
  assert.equal(signals.length, 1);
  assert.equal(signals[0]?.aborted, true);
  hangs.resolve();
  await new Promise(setImmediate);
  assert.equal((await ready()).status, 200);
  assert.equal(signals.length, 2);
});

test("a storm of probes is none for the database: one call serves all, and its result is kept", async (t) => {
  for (const [checkAge, most] of [
    [60_000, 1],
    // (control) without keeping it, each probe that comes after the last call is one more.
    [0, 60],
  ] as const) {
    let calls = 0;
    const checks = { database: () => void calls++ };
    const { ready } = await served(t, { checks, checkAge });
    await Promise.all(Array.from({ length: 50 }, ready));
    for (let count = 0; count < 10; count++) await ready();
    if (most === 1) assert.equal(calls, 1);
    else assert.ok(calls > 10 && calls <= most, `${calls} calls`);
  }
});

test("checks are not asked while the service starts nor during the drain, and say nothing of liveness", async (t) => {
  let calls = 0;
  const checks = {
    database: () => {
      calls++;
      return false;
    },
  };
  const service = lastcall({
    ...QUIET,
    lameDuck: false,
    probes: { port: 0, host: "127.0.0.1", checks, readyWhileDraining: true },
  });
  t.after(() => service.abort());
  while (service.probePort === undefined) await new Promise(setImmediate);
  const ask = async (path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${service.probePort}${path}`)).status;
  assert.deepEqual([await ask("/readyz"), await ask("/livez"), calls], [503, 200, 0]);
  const hold = new Hold();
  const port = await listen(service.attach(http.createServer(hold.app)));
  assert.deepEqual([await ask("/readyz"), await ask("/livez"), calls], [503, 200, 1]);
  const client = await connect({ port });
  await client.get("/");
  const { res } = await hold.next();
  const drained = service.drain();
  assert.deepEqual([await ask("/readyz"), calls], [200, 1]);
  res.end();
  await drained;
});

test("checks that are none are refused", () => {
  const code = "ERR_LASTCALL_OPTION";
  for (const checks of [[], { database: true }, 5] as unknown[]) {
    assert.throws(() => lastcall({ ...QUIET, probes: { checks: checks as never } }), { code });
  }
});

for (const [agent, isTold] of [
  ["curl/8", true],
  ["kube-probe/1.30", false],
] as const) {
  test(`a drain that goes on after its listeners closed ${isTold ? "warns" : "does not warn"} where ${agent} asked for liveness there`, async (t) => {
    const service = lastcall({ ...QUIET, lameDuck: false, probes: true });
    t.after(() => service.abort());
    const hold = new Hold();
    const port = await listen(service.attach(http.createServer(hold.app)));
    const headers = { "user-agent": agent };
    assert.equal((await fetch(`http://127.0.0.1:${port}/livez`, { headers })).status, 200);
    const client = await connect({ port });
    await client.get("/");
    const { res } = await hold.next();
    const drained = service.drain();
    setTimeout(() => res.end(), 1_200);
    const codes = (await drained).warnings.map(({ code }) => code);
    assert.deepEqual(codes, isTold ? ["liveness-refused"] : []);
  });
}
