import assert from "node:assert/strict";
import { test } from "node:test";
import { describeConfidence, measureConfidence } from "#src/prove/judge/confidence.js";
import { proveFixture, criterionOf } from "../prove-fixture.js";

/** P(X ≤ k) for Binomial(n, p), term by term: what the bounds have to satisfy. */
function cumulate(most: number, total: number, share: number): number {
  let term = (1 - share) ** total;
  let sum = term;
  for (let k = 1; k <= most; k += 1) {
    term *= ((total - k + 1) / k) * (share / (1 - share));
    sum += term;
  }
  return sum;
}

for (const total of [1, 2, 5, 20, 1_000, 52_310]) {
  test(`confidence: 0 of ${String(total)} is bounded where that is seen in 1 of 20 cases`, () => {
    const { lower, upper } = measureConfidence(0, total);
    assert.equal(lower, 0);
    assert.ok(Math.abs((1 - upper) ** total - 0.05) < 1e-9, String(upper));
    if (total >= 1_000) assert.ok(Math.abs(upper * total - 3) < 0.01, "the rule of three");
  });
}

for (const [lost, total] of [
  [1, 2],
  [1, 20],
  [7, 60],
  [59, 60],
  [3, 1_000],
  [40, 700],
] as const) {
  test(`confidence: ${String(lost)} of ${String(total)} has 2.5 % on either side`, () => {
    const { lower, upper } = measureConfidence(lost, total);
    assert.ok(Math.abs(cumulate(lost, total, upper) - 0.025) < 1e-9, String(upper));
    assert.ok(Math.abs(1 - cumulate(lost - 1, total, lower) - 0.025) < 1e-9, String(lower));
  });
}

test("confidence: as other programs compute it", () => {
  // R: binom.test(637, 4450)$conf.int and binom.test(2, 20)$conf.int
  const many = measureConfidence(637, 4_450);
  assert.ok(
    Math.abs(many.lower - 0.13297) < 1e-4 && Math.abs(many.upper - 0.15379) < 1e-4,
    JSON.stringify(many),
  );
  const few = measureConfidence(2, 20);
  assert.ok(
    Math.abs(few.lower - 0.0123485) < 1e-6 && Math.abs(few.upper - 0.3169827) < 1e-6,
    JSON.stringify(few),
  );
  const all = measureConfidence(5, 5);
  assert.ok(Math.abs(all.lower - 0.05 ** (1 / 5)) < 1e-9 && all.upper === 1);
  assert.deepEqual(measureConfidence(0, 0), { lost: 0, total: 0, lower: 0, upper: 1 });
});

test("confidence in words, rounded to the side that claims less", () => {
  const words = (lost: number, total: number): string =>
    describeConfidence(measureConfidence(lost, total));
  assert.equal(words(0, 52_310), "0 of 52,310; with 95 % confidence fewer than 1 in 17,000");
  assert.equal(words(0, 20), "0 of 20; with 95 % confidence fewer than 1 in 7.1");
  assert.equal(words(0, 1), "0 of 1; with 95 % confidence fewer than 1 in 1");
  assert.equal(words(2, 20), "2 of 20; with 95 % confidence between 1 in 81 and 1 in 3.1");
  assert.equal(words(5, 5), "5 of 5; with 95 % confidence more than 1 in 1.9");
  assert.equal(words(0, 0), "none could be lost");
});

test("several trials say how sure they are, per request at a stop and per stop; one does not", async () => {
  const env = { ...process.env, LAME_DUCK_MS: "700" };
  const { result, rows } = await proveFixture("stops-correctly", {
    env,
    trials: 2,
    clients: { pool: 5 },
  });
  assert.equal(result.verdict, "pass");
  const exposed = rows.filter(({ endMs, outcome }) => endMs >= 0 && outcome === "ok").length;
  // Rows are in tenths of a millisecond, so one that ended just before the signal rounds to it.
  assert.ok(Math.abs(result.confidence.requests.total - exposed) <= 4);
  assert.ok(exposed < result.requests.ok, "those before the signal say nothing about the stop");
  assert.match(
    criterionOf(result, "requests lost at a stop").measured,
    /^0 of [\d,]+; with 95 % confidence fewer than 1 in [\d,]+, if each were lost independently$/,
  );
  const perStop = "0 of 2; with 95 % confidence fewer than 1 in 1.2";
  assert.equal(criterionOf(result, "stops that lost a request").measured, perStop);
  const failed = await proveFixture("exits-at-once");
  assert.deepEqual(
    [failed.result.confidence.stops.lost, failed.result.confidence.stops.total],
    [1, 1],
  );
  assert.ok(failed.result.confidence.requests.lower > 0);
  assert.ok(!failed.result.criteria.some(({ name }) => name === "stops that lost a request"));
});
