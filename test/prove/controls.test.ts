// Services that stop wrongly, each in its own way. A prover that passes one of them proves nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { renderVerdict } from "#src/prove/index.js";
import { criterionOf, proveFixture } from "./prove-fixture.js";

test("73. control A, `process.exit` on SIGTERM → FAIL with drops", async () => {
  const { result, rows } = await proveFixture("exits-at-once", {
    slow: ["GET /slow"],
    lag: 1_000,
    // Longer than any machine pauses: what was in flight when the load was in place still is at the signal.
    env: { ...process.env, SLOW_MS: "20000" },
  });
  assert.equal(result.verdict, "fail");
  assert.equal(criterionOf(result, "dropped requests").passed, false);
  assert.equal(criterionOf(result, "exit code").passed, true);
  const slow = rows.filter(({ client }) => client === "slow");
  assert.ok(slow.length > 0 && slow.every(({ outcome }) => outcome === "dropped"), "in flight");
  assert.ok(result.requests.refused > 0, "the balancer had not noticed");
  assert.match(renderVerdict(result), /^✗ dropped requests == 0 .*\n✓ exit code == 0 +0\n/);
});

test("74. control B, plain `server.close()` → FAIL on the idle race and on late exit", async () => {
  const { result, rows } = await proveFixture("plain-close", {
    // Half of the requests are on the wire, for longer than a busy machine holds up the close.
    clients: { pool: 40 },
    rtt: 200,
    // They begin in step, and get out of it by waiting for different times.
    think: 300,
    warmup: 1_500,
    grace: 1_500,
    trials: 2,
  });
  assert.equal(result.verdict, "fail");
  const raced = rows.filter(
    ({ client, kind, outcome }) =>
      client === "pool" && outcome === "dropped" && (kind === "reset" || kind === "empty"),
  );
  assert.ok(raced.length > 0, "a request on the wire to a connection that was closed as idle");
  assert.equal(criterionOf(result, "time from signal to exit").passed, false);
  assert.match(
    criterionOf(result, "exit code").measured,
    /^137 \(SIGKILL at the end of the 1.5 s grace period; kept open by: .*half-sent head/,
  );
});

test("control: a service that serves on is killed, and its holders are named", async () => {
  const { result } = await proveFixture("never-exits", { grace: 800 });
  assert.equal(result.verdict, "fail");
  const held = result.trials[0]?.stops[0]?.exit.killed?.connections.map(({ state }) => state) ?? [];
  for (const state of ["connection without a byte", "half-sent head"] as const) {
    assert.ok(held.includes(state), state);
  }
  // Whether the pool's connections have a request in flight at the kill is the closed loop's affair.
  assert.match(
    criterionOf(result, "exit code").measured,
    /^137 \(SIGKILL .*(request in flight|keep-alive connection)/,
  );
});

test("control: a service held by its own timer is killed, and none of our connections is blamed", async () => {
  const { result } = await proveFixture("own-timer", { grace: 1_000 });
  assert.equal(result.verdict, "fail");
  assert.match(
    criterionOf(result, "exit code").measured,
    /kept open by: nothing of ours: its own timers or handles\)$/,
  );
});

for (const [fixture, kind] of [
  ["truncates", "truncated"],
  ["answers-500", "5xx"],
  ["answers-nothing", "empty"],
] as const) {
  test(`control: ${fixture} while it stops → FAIL with drops that say ${kind}`, async () => {
    const { result, rows } = await proveFixture(fixture);
    assert.equal(result.verdict, "fail");
    assert.ok(rows.some((row) => row.kind === kind && row.endMs > 0));
    assert.ok(!rows.some((row) => row.outcome === "dropped" && row.endMs < 0), "none before");
  });
}

test("control: a service that dies of the signal → FAIL, ended by SIGTERM", async () => {
  const { result } = await proveFixture("dies-of-signal");
  assert.equal(result.verdict, "fail");
  assert.equal(criterionOf(result, "exit code").measured, "143 (ended by SIGTERM)");
});
