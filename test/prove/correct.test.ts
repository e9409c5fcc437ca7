// Services that stop correctly: one by hand, so that a prover which fails it measures itself, and one
// with lastcall.
import assert from "node:assert/strict";
import { test } from "node:test";
import { renderVerdict } from "#src/prove/index.js";
import { criterionOf, proveFixture, type Proof } from "./prove-fixture.js";

// The lame duck outlasts the balancer's lag, and a slow request the way to the signal, by far more than this
// machine may be held up.
const TIMES = {
  lag: 150,
  env: { ...process.env, LAME_DUCK_MS: "600", LINGER_MS: "200", SLOW_MS: "1000" },
};

// Nothing but the pool: what is lost is lost to the race.
const RACE = {
  clients: { pool: 100, fresh: 0, slow: 0, upload: 0, idle: 0, silent: 0, "half-head": 0 },
  requests: ['POST /orders {"id":"{{id}}"}'],
  rtt: 10,
} as const;

// As many proves at once as fit between each other's waits; their trials are short and mostly idle.
const PROVES = 4;
const TRIALS = 5;

for (const [fixture, how] of [
  ["stops-correctly", "by hand"],
  ["stops-with-lastcall", "with lastcall"],
] as const) {
  test(`78. a service that stops correctly passes every trial: 20 of 20 (${how})`, async () => {
    const proofs = await Promise.all(
      Array.from({ length: PROVES }, () =>
        proveFixture(fixture, {
          ...TIMES,
          trials: TRIALS,
          warmup: 100,
          clients: { pool: 10, fresh: 2 },
          requests: ["GET /", 'POST /orders {"id":"{{id}}"}'],
          slow: ["GET /slow"],
          uploads: ["POST /up"],
        }),
      ),
    );
    for (const proof of proofs) assertPassed(proof);
    let count = 0;
    for (const { result, rows } of proofs) {
      for (const { trial, stops, requests } of result.trials) {
        count++;
        assert.ok(requests.ok > 0);
        if ((stops[0]?.inFlightAtSignal ?? 0) >= 6) continue;
        const begun = rows
          .filter((row) => row.trial === trial && ["slow", "upload"].includes(row.client))
          .map(({ client, startMs, endMs }) => `${client} ${String(startMs)}…${String(endMs)} ms`);
        assert.fail(`slow requests and uploads were not in flight: ${begun.join(", ")}`);
      }
    }
    assert.equal(count, 20);
  });

  test(`77. restart soak: ≥ 3 restarts under load with 0 lost on a correct service (${how})`, async () => {
    const proof = await proveFixture(fixture, {
      ...TIMES,
      restarts: 3,
      requests: ["GET /", 'POST /orders {"id":"{{id}}"}'],
      slow: ["GET /slow"],
      uploads: ["POST /up"],
    });
    assertPassed(proof);
    const [trial] = proof.result.trials;
    assert.equal(trial?.stops.length, 3);
    const served = new Set(
      proof.rows.filter(({ outcome }) => outcome === "ok").map(({ generation }) => generation),
    );
    assert.deepEqual([...served].sort(ascending), [0, 1, 2, 3], "each generation answered");
  });

  test(`32. idle race: 100 POST clients behind 10 ms RTT, lame duck on → 0 lost (a service that stops correctly ${how})`, async () => {
    assertPassed(await proveFixture(fixture, { ...TIMES, ...RACE }));
  });
}

test("an upload is in flight from before the signal to after the lag, however long the others take to get in their places", async () => {
  const lag = 100;
  const proof = await proveFixture("stops-correctly", {
    lag,
    env: { ...TIMES.env, SLOW_MS: "500" },
    clients: { pool: 1, fresh: 0, slow: 0, idle: 1, silent: 0, "half-head": 0 },
    requests: ["GET /slow"],
    uploads: ["POST /up"],
  });
  assertPassed(proof);
  const uploads = proof.rows.filter(({ client }) => client === "upload");
  assert.equal(uploads.length, 2);
  for (const { startMs, endMs } of uploads) {
    assert.ok((startMs ?? 0) < 0 && endMs > lag, `from ${String(startMs)} to ${String(endMs)} ms`);
  }
});

test("77. restart soak, control: `process.exit` on SIGTERM loses requests at each restart", async () => {
  const { result, rows } = await proveFixture("exits-at-once", { restarts: 3 });
  assert.equal(result.verdict, "fail");
  const lost = rows.filter(({ outcome }) => outcome === "dropped" || outcome === "refused");
  assert.deepEqual(
    [...new Set(lost.map(({ generation }) => generation))].sort(ascending),
    [0, 1, 2],
  );
});

test("32. idle race, control: 100 POST clients behind 10 ms RTT, plain `server.close()` loses tens", async () => {
  // Now and then the close finds nothing on the wire: they all had been written in one pause of the machine.
  const { rows } = await proveFixture("plain-close", { ...RACE, grace: 500, trials: 4 });
  const raced = rows.filter(({ outcome, kind, endMs }) => {
    return outcome === "dropped" && kind !== "5xx" && endMs < 250;
  });
  assert.ok(raced.length >= 10, `${String(raced.length)} lost on the wire at the close`);
});

function ascending(a: number, b: number): number {
  return a - b;
}

function assertPassed({ result, rows }: Proof): void {
  const lost = rows.filter(({ outcome }) => outcome === "dropped" || outcome === "refused");
  assert.deepEqual(lost, []);
  assert.equal(result.verdict, "pass", renderVerdict(result));
  assert.equal(criterionOf(result, "exit code").passed, true);
}
