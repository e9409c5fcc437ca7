// The open loop: requests are due whatever the service does.
import assert from "node:assert/strict";
import type net from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Entry } from "#src/prove/facts/ledger.js";
import { audit } from "#src/prove/facts/ledger.js";
import { CannotRunError, prove, type RequestRow } from "#src/prove/index.js";
import { findFaults } from "#src/prove/judge/fault.js";
import { measureLatency, worstPercentiles } from "#src/prove/judge/latency.js";
import { planArrivals, type Arrival } from "#src/prove/load/arrivals/arrivals.js";
import { runRate } from "#src/prove/load/clients/rate.js";
import { createRandom } from "#src/prove/machine/random.js";
import type { RatePlan } from "#src/prove/options/rate.js";
import { DEFAULT_CLIENTS } from "#src/prove/options/resolve.js";
import { openRun, serveRaw, targetOn } from "./open-run.js";
import { criterionOf, proveFixture } from "../prove-fixture.js";
import { QUIET } from "../facts/sample-result.js";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const REQUESTS = [
  { method: "GET", path: "/a", body: "", weight: 3 },
  { method: "GET", path: "/b", body: "" },
];

function draw(rate: RatePlan, seed: number, count: number): Arrival[] {
  const arrivals: Arrival[] = [];
  for (const arrival of planArrivals(rate, REQUESTS, createRandom(seed))) {
    if (arrivals.push(arrival) === count) break;
  }
  return arrivals;
}

for (const spacing of ["poisson", "even"] as const) {
  test(`a seed repeats the schedule of an open loop: instants, order, numbers (${spacing})`, () => {
    const rate = { perSecond: 200, spacing };
    assert.deepEqual(draw(rate, 7, 500), draw(rate, 7, 500));
    assert.notDeepEqual(draw(rate, 7, 500), draw(rate, 8, 500));
    const arrivals = draw(rate, 7, 4_000);
    assert.equal(arrivals.filter(({ template }) => template.path === "/a").length, 3_000);
    const seconds = (arrivals.at(-1)?.offsetMs ?? 0) / 1_000;
    assert.ok(Math.abs(seconds - 20) < 1, `4,000 at 200 a second took ${String(seconds)} s`);
    const gaps = arrivals
      .slice(1)
      .map(({ offsetMs }, at) => offsetMs - (arrivals[at]?.offsetMs ?? 0));
    const spread = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - 5) ** 2, 0) / gaps.length);
    // Exponential gaps spread as wide as they are long; equal ones do not.
    if (spacing === "poisson") assert.ok(Math.abs(spread - 5) < 0.5, String(spread));
    else assert.ok(spread < 0.01, String(spread));
  });
}

test("a seed repeats the schedule of a whole run: ids, order and instants", async () => {
  const plan = async (seed: number): Promise<Planned[]> => {
    const { rows } = await proveFixture("stops-correctly", {
      env: { ...process.env, LAME_DUCK_MS: "250" },
      requests: ["@weight 2 GET /a", "GET /b", "POST /c {}"],
      clients: { idle: 0, silent: 0, "half-head": 0, slow: 0 },
      rate: 100,
      seed,
    });
    return listSchedule(rows).slice(0, 25);
  };
  const [first, again] = [await plan(7), await plan(7)];
  const other = draw({ perSecond: 100, spacing: "poisson" }, 8, 25);
  assert.equal(first.length, 25);
  const requests = (planned: readonly Planned[]): string[] => planned.map(({ request }) => request);
  assert.deepEqual(requests(again), requests(first));
  assert.ok(hasSameInstants(again, first));
  assert.ok(!hasSameInstants(first, other), "control: another seed has another schedule");
});

interface Planned {
  readonly request: string;
  readonly offsetMs: number;
}

/** Counted from the first instant: when the signal comes is the machine's affair. */
function listSchedule(rows: readonly RequestRow[]): Planned[] {
  const due = rows.filter((row): row is RequestRow & { dueMs: number } => row.dueMs !== undefined);
  const sorted = due.toSorted((a, b) => a.dueMs - b.dueMs);
  const start = sorted[0]?.dueMs ?? 0;
  return sorted.map(({ id, method, path, dueMs }) => {
    return { request: `${id} ${method} ${path}`, offsetMs: dueMs - start };
  });
}

/** Instants are written in tenths, so that a difference may be off by one. */
function hasSameInstants(
  some: readonly Planned[],
  others: readonly { readonly offsetMs: number }[],
): boolean {
  const begin = others[0]?.offsetMs ?? 0;
  return some.every(({ offsetMs }, at) => {
    return Math.abs(offsetMs - ((others[at]?.offsetMs ?? 0) - begin)) < 0.25;
  });
}

test("a service that stands still for 500 ms: a closed loop hides it, the open loop shows it", async () => {
  const env = { ...process.env, LAME_DUCK_MS: "900" };
  const others = { idle: 0, silent: 0, "half-head": 0, slow: 0, fresh: 0 };
  const options = { env, lag: 600, warmup: 200 };
  // Two clients that wait for it can be caught by it twice, however long it lasts.
  const closed = await proveFixture("stands-still", {
    ...options,
    clients: { ...others, pool: 2 },
  });
  const open = await proveFixture("stands-still", {
    ...options,
    clients: others,
    rate: 150,
    spacing: "even",
  });
  const hidden = closed.rows.filter(({ startMs, endMs }) => endMs - (startMs ?? endMs) > 200);
  const shown = open.rows.filter(({ dueMs, endMs }) => endMs - (dueMs ?? endMs) > 200);
  // 150 a second for the 300 ms after which there are less than 200 ms left.
  assert.ok(shown.length >= 25, `${String(shown.length)} of ${String(open.rows.length)}`);
  assert.ok(
    hidden.length * 4 <= shown.length,
    `${String(hidden.length)} and ${String(shown.length)}`,
  );
  const { latency } = open.result.trials[0]?.stops[0] ?? {};
  assert.ok((latency?.during?.maxMs ?? 0) >= 450);
  assert.match(
    criterionOf(open.result, "latency during the stop").measured,
    /^p50 .*, longest [\d.]+ s of \d+$/,
  );
  assert.ok(!closed.result.criteria.some(({ name }) => name.startsWith("latency")));
});

test("an open loop sends what is due while the service stands still, on connections it makes as needed", async (t) => {
  const waiting: net.Socket[] = [];
  const { run, faults } = openRun({ requests: REQUESTS, rttMs: 0 });
  const port = await serveRaw(t, (socket) => socket.on("data", () => waiting.push(socket)));
  run.route.set([targetOn(port)]);
  const life = runRate(run, { perSecond: 500, spacing: "even" }, () => {});
  while (waiting.length < 40) await sleep(5);
  assert.equal(new Set(waiting).size, waiting.length, "each on a connection of its own");
  run.route.set([]);
  for (const socket of waiting) socket.end(OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
  // One whose request was on its way meanwhile is answered too.
  const answering = setInterval(() => waiting.forEach((socket) => socket.end()), 10);
  await life;
  clearInterval(answering);
  assert.deepEqual(faults, []);
  const { entries, connections } = run.recorder;
  assert.deepEqual(audit(connections, entries), []);
  assert.ok(
    entries.every(({ dueAt, sentAt }) => dueAt !== undefined && (sentAt ?? dueAt) >= dueAt),
  );
});

test("beyond its bound arrivals queue; those that never get a connection are unsent, and no verdict without a loss", async (t) => {
  const counts = { ...DEFAULT_CLIENTS, rate: 2 };
  const { run, faults } = openRun({ requests: REQUESTS, rttMs: 0, counts });
  const sockets: net.Socket[] = [];
  const port = await serveRaw(t, (socket) => socket.once("data", () => sockets.push(socket)));
  run.route.set([targetOn(port)]);
  const life = runRate(run, { perSecond: 500, spacing: "even" }, () => {});
  while (sockets.length < 2) await sleep(5);
  await sleep(50);
  run.route.set([]);
  while (!run.recorder.entries.some(({ kind }) => kind === "queued")) await sleep(5);
  for (const socket of sockets) socket.end(OK);
  await life;
  const { entries, connections, plannedCount: planned } = run.recorder;
  assert.equal(connections.length, 2);
  assert.deepEqual(faults, []);
  const outcome = {
    planned,
    entries,
    connections,
    stalls: [],
    noise: QUIET,
    unfounded: [],
    doubts: [],
    probes: [],
  };
  const queued = entries.filter(({ kind }) => kind === "queued").length;
  assert.ok(queued > 0);
  assert.deepEqual(findFaults(outcome), [
    `${String(queued)} arrivals found no connection free until the end (try a lower --rate, or more --clients rate=N)`,
  ]);
});

test("latency counts from the instant a request was due, and splits at the signal", () => {
  const entry = (dueAt: number, endedAt: number, outcome: Entry["outcome"] = "ok"): Entry => ({
    ...{ id: "x", client: "rate", method: "GET", path: "/", connection: 1, generation: 0 },
    ...{
      dueAt,
      sentAt: endedAt - 1,
      endedAt,
      lastByteAt: endedAt,
      outcome,
      kind: "complete",
      firstByteAt: endedAt,
      saysClose: false,
      status: 200,
    },
  });
  const entries = [
    entry(0, 10),
    entry(10, 30),
    entry(95, 600),
    entry(200, 210),
    entry(300, 999, "dropped"),
  ];
  const latency = measureLatency(entries, 100);
  assert.deepEqual(latency?.before, { count: 2, p50Ms: 10, p90Ms: 20, p99Ms: 20, maxMs: 20 });
  assert.deepEqual(latency.during, { count: 2, p50Ms: 10, p90Ms: 505, p99Ms: 505, maxMs: 505 });
  assert.equal(measureLatency([], 100), null);
  assert.deepEqual(worstPercentiles([latency.before, null, latency.during])?.maxMs, 505);
});

for (const [what, options] of [
  ["rate", { rate: 0 }],
  ["rate", { rate: 200_000 }],
  ["rate", { rate: 10, h2: ["GET /"] }],
  ["clients.rate", { rate: 10, clients: { rate: 0 } }],
] as const) {
  test(`prove() refuses \`${what}\`: ${JSON.stringify(options)}`, async () => {
    await assert.rejects(prove({ command: ["x"], ...options }), (error: unknown) => {
      assert.ok(error instanceof CannotRunError);
      assert.ok(error.message.startsWith(`Expected \`${what}\` to be `), error.message);
      return true;
    });
  });
}
