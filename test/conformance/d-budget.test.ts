import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";

import {
  DrainAbortedError,
  lastcall,
  LastcallError,
  requestSignal,
  type LastcallOptions,
} from "lastcall";

import { Hold } from "../harness/hold.js";
import { keepBound } from "../harness/measure.js";
import { start, type Program } from "../harness/program.js";
import { QUIET, serve } from "../harness/serve.js";
import { connect } from "../harness/wire.js";

interface Late {
  /** After the instant, and after the program's own timer of the same length. */
  ms: number;
  program: Program;
}

/** Stops a program whose handler is stuck, and measures how long after `bound` it has left. */
async function measureLate(t: TestContext, args: readonly string[], bound: number): Promise<Late> {
  const program = start(t, "stuck", args);
  const client = await connect({ port: await program.port() });
  await client.get("/orders/7?token=secret");
  await program.says(/stuck/);
  program.kill("SIGTERM");
  await client.ended();
  assert.equal(client.text, "");
  // On a machine that is busy elsewhere it was too late to leave by itself, and was ended at its deadline: no measurement.
  const { signal } = await program.exit;
  if (signal === "SIGKILL") return { ms: Infinity, program };
  assert.equal(signal, null);
  const [, left, own] = await program.says(/left after ([\d.]+) ms, own timer after ([\d.]+) ms/);
  const { durationMs } = program.report;
  assert.ok(durationMs >= bound - 1, `over after ${durationMs} ms, before the ${bound} ms`);
  t.diagnostic(`left after ${left} ms, own timer of ${bound} ms after ${own} ms`);
  return { ms: Math.min(Number(left) - bound, Number(left) - Number(own)), program };
}

for (const [what, args, bound, code, outcome] of [
  ["a stuck handler", [], 1_100, 124, "aborted"],
  ["a stuck handler and no more than 300 ms", ["small"], 240, 124, "aborted"],
  // A hook that failed is another end than a request that was cut.
  ["a stuck handler and a stuck hook", ["hook"], 1_400, 1, "failed"],
] as const) {
  test(`39. DL honoured within 50 ms with ${what}; sockets destroyed; exit code distinct`, async (t) => {
    const late = await keepBound(50, async () => {
      const { ms, program } = await measureLate(t, args, bound);
      if (ms === Infinity) return ms;
      // It got to run too late for the hook to begin: no measurement.
      if (program.report.hooks.some(({ result }) => result === "skipped")) return Infinity;
      assert.equal((await program.exit).code, code);
      const { report } = program;
      assert.equal(report.outcome, outcome);
      assert.equal(report.connections.cut, 1);
      assert.deepEqual(
        report.requests.aborted.map(({ method, route, reaction }) => [method, route, reaction]),
        [["GET", "/orders/7", "no signal"]],
      );
      return ms;
    });
    assert.ok(late <= 50, `${late} ms late`);
  });
}

test("39. DL honoured where nobody reads what the process wrote: it has left before its grace period is over", async (t) => {
  const bound = 2_000;
  const left = await keepBound(bound, async () => {
    const program = start(t, "unread");
    await program.port();
    program.child.stdout?.pause();
    const since = performance.now();
    program.kill("SIGTERM");
    assert.deepEqual(await once(program.child, "exit"), [1, null]);
    const ms = performance.now() - since;
    program.child.stdout?.resume();
    await program.exit;
    // What was written was given time, all the same.
    assert.ok(ms > program.report.durationMs);
    return ms;
  });
  assert.ok(left < bound, `left after ${left} ms`);
});

test("40. request signals abort at the abort instant, before DL; a cooperative handler's 503 is delivered; outcome says aborted, who reacted and who did not", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app, {
    gracePeriod: 3_100,
    abortWindow: 2_000,
    closingWindow: 100,
    margin: 100,
  });
  const begin = async (path: string) => {
    const client = await connect(target);
    await client.get(path);
    return { client, ...(await hold.next()) };
  };
  const cooperative = await begin("/cooperative");
  const deaf = await begin("/deaf");
  const unaware = await begin("/unaware");
  const impatient = await begin("/impatient");

  let abortedAt = 0;
  const signal = requestSignal(cooperative.req);
  signal.addEventListener("abort", () => {
    abortedAt = performance.now();
    cooperative.res.writeHead(503, { "Retry-After": "1" }).end("stopping");
  });
  requestSignal(deaf.req);
  requestSignal(impatient.req).addEventListener("abort", () => impatient.client.close());
  const cut: string[] = [];
  service.on("request-cut", ({ route }) => cut.push(route));

  const startedAt = performance.now();
  const report = await service.drain();
  const { status, headers, body } = await cooperative.client.response();
  assert.equal(status, 503);
  assert.equal(headers.get("connection"), "close");
  assert.equal(body, "stopping");
  assert.equal(await cooperative.client.ended(), "fin");
  for (const { client } of [deaf, unaware]) {
    await client.ended();
    assert.equal(client.text, "");
  }
  // 900 ms of draining, then the abort; the cut is two seconds later.
  assert.ok(abortedAt - startedAt >= 899, `aborted after ${abortedAt - startedAt} ms`);
  assert.ok(signal.reason instanceof DrainAbortedError);
  assert.ok(signal.reason.timeLeftMs >= 0 && signal.reason.timeLeftMs <= 2_001);
  const phases = new Map(report.phases.map(({ phase, atMs }) => [phase, atMs]));
  assert.ok((phases.get("aborting") ?? 0) >= 899);
  assert.ok((phases.get("closing") ?? 0) >= 2_899);

  assert.equal(report.outcome, "aborted");
  assert.deepEqual(
    report.requests.aborted.map(({ route, reaction }) => [route, reaction]),
    [
      ["/cooperative", "answered"],
      ["/deaf", "ignored abort"],
      ["/unaware", "no signal"],
      ["/impatient", "client gone"],
    ],
  );
  assert.deepEqual(cut, ["/deaf", "/unaware"]);
  assert.equal(report.connections.cut, 2);
});

test("40. (control: a request that ends before the abort instant) nothing aborts, and the outcome is clean", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const client = await connect(target);
  await client.get("/");
  const { req, res } = await hold.next();
  const signal = requestSignal(req);
  const drained = service.drain();
  res.end("ok");
  const { outcome, requests } = await drained;
  assert.equal((await client.response()).status, 200);
  assert.equal(outcome, "clean");
  assert.equal(signal.aborted, false);
  assert.deepEqual(requests.aborted, []);
});

test("42. DL 0, and a budget that cannot fit → refused at start-up, saying which numbers clash", () => {
  const refusals: [LastcallOptions, string, RegExp][] = [
    [{ gracePeriod: 0 }, "ERR_LASTCALL_OPTION", /`gracePeriod` .* from 200 to \d+, got `0`/],
    [{ gracePeriod: 199 }, "ERR_LASTCALL_OPTION", /`gracePeriod` .* got `199`/],
    [
      { gracePeriod: 5_000, lameDuck: { max: 5_000 } },
      "ERR_LASTCALL_BUDGET",
      /lameDuck 5000 \+ abortWindow 333 \+ closingWindow 833 \+ margin 166 = 6332 ms of 5000 ms, which leaves -1332 ms .* at least 250 ms/,
    ],
    [
      { gracePeriod: 1_000, closingWindow: 800 },
      "ERR_LASTCALL_BUDGET",
      /closingWindow 800 \+ .* of 1000 ms/,
    ],
  ];
  for (const [options, code, message] of refusals) {
    assert.throws(
      () => lastcall({ ...QUIET, ...options }),
      (error) => {
        assert.ok(error instanceof LastcallError);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      },
    );
  }
  lastcall({ ...QUIET, gracePeriod: 1_000 }).uninstall();
});

test("44. wall clock stepped back and forth → DL unmoved", async (t) => {
  const program = start(t, "wall-clock");
  const client = await connect({ port: await program.port() });
  await client.get("/");
  await program.says(/stuck/);
  program.kill("SIGTERM");
  assert.equal(await client.ended().then(() => client.text), "");
  const { code } = await program.exit;
  assert.equal(code, 124);
  const [, steps, left] = await program.says(/stepped (\d+) times, left after ([\d.]+) ms/);
  assert.ok(Number(steps) > 10, `${steps} steps`);
  // The cut is due at 1,100 ms. An hour either way would be never or at once; 50 ms are case 39's.
  const { durationMs, phases } = program.report;
  assert.ok(durationMs >= 1_099 && Number(left) < 5_000, `left after ${left} ms`);
  const instants = phases.map(({ phase, atMs }) => [phase, atMs] as const);
  assert.deepEqual(
    instants.map(([phase]) => phase),
    ["lame-duck", "draining", "aborting", "closing", "closed"],
  );
  for (const [phase, least] of [
    ["draining", 200],
    ["aborting", 900],
    ["closing", 1_100],
  ] as const) {
    const atMs = instants.find(([name]) => name === phase)?.[1] ?? 0;
    assert.ok(atMs >= least - 1 && atMs < 5_000, `${phase} at ${atMs} ms`);
  }
});
