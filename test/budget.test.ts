import assert from "node:assert/strict";
import { test } from "node:test";

import { fixInstants, planBudget, planSpread } from "#src/budget.js";
import { LastcallError } from "#src/errors.js";
import { readOptions, type LastcallOptions } from "#src/options.js";

const plan = (options: LastcallOptions) => planBudget(readOptions(options));

test("the windows add up to the grace period, whatever it is", () => {
  for (const gracePeriod of [1_000, 1_001, 2_500.5, 10_000, 30_000, 3_600_000]) {
    const { gracePeriodMs, lameDuckMs, drainingMs, abortingMs, closingMs, marginMs } = plan({
      gracePeriod,
    });
    assert.equal(gracePeriodMs, gracePeriod);
    assert.equal(lameDuckMs + drainingMs + abortingMs + closingMs + marginMs, gracePeriod);
    assert.ok(drainingMs >= 250, `${drainingMs} ms for requests in flight`);
  }
});

test("windows that are given are taken as they are; the rest is for the requests", () => {
  const budget = plan({
    gracePeriod: 2_000,
    lameDuck: { max: 300 },
    abortWindow: 200,
    closingWindow: 100,
    margin: 50,
  });
  assert.deepEqual(budget, {
    gracePeriodMs: 2_000,
    lameDuckMs: 300,
    lameDuckMinMs: 120,
    drainingMs: 1_350,
    abortingMs: 200,
    closingMs: 100,
    marginMs: 50,
  });
});

test("the instants lie one window apart, from the start to the deadline", () => {
  const budget = plan({
    gracePeriod: 2_000,
    lameDuck: { max: 300 },
    abortWindow: 200,
    closingWindow: 100,
    margin: 50,
  });
  assert.deepEqual(fixInstants(budget, 1_000, true), {
    start: 1_000,
    lameDuckMin: 1_120,
    lameDuckEnd: 1_300,
    abort: 2_650,
    cut: 2_850,
    end: 2_950,
    deadline: 3_000,
  });
});

test("a lame duck that is left out makes the rest longer and moves no later instant", () => {
  const budget = plan({ gracePeriod: 2_000, lameDuck: { max: 300 } });
  const without = fixInstants(budget, 0, false);
  assert.equal(without.lameDuckEnd, 0);
  assert.equal(without.lameDuckMin, 0);
  const moved = { ...without, lameDuckMin: 120, lameDuckEnd: 300 };
  assert.deepEqual(moved, fixInstants(budget, 0, true));
});

test("windows that do not fit are refused with the sum", () => {
  const attempt = () =>
    plan({ gracePeriod: 10_000, lameDuck: { max: 6_000 }, closingWindow: 4_000, margin: 0 });
  assert.throws(attempt, (error) => {
    assert.ok(error instanceof LastcallError);
    assert.equal(error.code, "ERR_LASTCALL_BUDGET");
    assert.match(
      error.message,
      /lameDuck 6000 \+ abortWindow 666 \+ closingWindow 4000 \+ margin 0 = 10666 ms of 10000 ms, which leaves -666 ms/,
    );
    return true;
  });
});

test("the lame duck's minimum is what is given, two fifths of its maximum, or 2 s", () => {
  const least = (min: number | undefined, max: number): number =>
    plan({ gracePeriod: 60_000, lameDuck: { max, ...(min !== undefined && { min }) } })
      .lameDuckMinMs;
  assert.equal(least(undefined, 1_000), 400);
  assert.equal(least(undefined, 5_000), 2_000);
  assert.equal(least(undefined, 30_000), 2_000);
  assert.equal(least(0, 30_000), 0);
  assert.equal(least(30_000, 30_000), 30_000);
  assert.throws(() => least(30_001, 30_000), {
    code: "ERR_LASTCALL_BUDGET",
    message: /`lameDuck\.min` to be at most `lameDuck\.max`, 30000 ms, got 30001 ms/,
  });
  assert.equal(plan({ gracePeriod: 60_000, lameDuck: false }).lameDuckMinMs, 0);
});

test("a budget that leaves next to nothing for the requests is refused too", () => {
  const windows = { gracePeriod: 1_000, abortWindow: 100, closingWindow: 100, margin: 50 };
  assert.equal(plan({ ...windows, lameDuck: { max: 500 } }).drainingMs, 250);
  assert.throws(() => plan({ ...windows, lameDuck: { max: 501 } }), {
    code: "ERR_LASTCALL_BUDGET",
    message: /which leaves 249 ms for requests in flight; at least 250 ms are needed/,
  });
});

test("`spread` has to fit into the time for requests in flight; its default always does", () => {
  const spread = (options: LastcallOptions): number =>
    planSpread(readOptions(options), plan(options));
  assert.equal(spread({}), 3_000);
  assert.equal(spread({ gracePeriod: 10_000, spread: 0 }), 0);
  const narrow: LastcallOptions = { gracePeriod: 10_000, lameDuck: { max: 7_000 } };
  const { drainingMs } = plan(narrow);
  assert.ok(spread(narrow) < drainingMs);
  assert.equal(spread({ ...narrow, spread: drainingMs - 1 }), drainingMs - 1);
  assert.throws(
    () => spread({ ...narrow, spread: drainingMs }),
    (error) =>
      error instanceof LastcallError &&
      error.code === "ERR_LASTCALL_BUDGET" &&
      error.message.startsWith(
        `\`spread\`, ${drainingMs} ms, does not fit into the ${drainingMs} ms`,
      ),
  );
});
