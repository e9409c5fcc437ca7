import assert from "node:assert/strict";
import { test } from "node:test";

import { fixInstants, planBudget, planSpread } from "#src/budget.js";
import { LastcallError } from "#src/errors.js";
import type { LastcallOptions } from "lastcall";
import { readOptions } from "#src/options/settings.js";

/** Whole milliseconds from the smallest budget up to a minute, with an odd step. */
function everyBudget(): number[] {
  return Array.from({ length: 8_544 }, (_, step) => 200 + step * 7);
}

const plan = (options: LastcallOptions) => planBudget(readOptions(options));

test("the windows add up to the grace period, whatever it is", () => {
  for (const gracePeriod of [...everyBudget(), 2_500.5, 3_600_000]) {
    const { gracePeriodMs, lameDuckMs, drainingMs, abortingMs, closingMs, marginMs } = plan({
      gracePeriod,
    });
    assert.equal(gracePeriodMs, gracePeriod);
    assert.equal(lameDuckMs + drainingMs + abortingMs + closingMs + marginMs, gracePeriod);
    assert.ok(drainingMs >= Math.min(250, gracePeriod / 4), `${drainingMs} ms for requests`);
  }
});

test("no window and no timeout outlasts the room that a small budget has for it", () => {
  for (const gracePeriod of everyBudget()) {
    const settings = readOptions({ gracePeriod });
    const budget = planBudget(settings);
    const said = `gracePeriod ${gracePeriod}`;
    for (const [name, ms] of Object.entries(budget)) assert.ok(ms > 0, `${said}: ${name} ${ms}`);
    assert.ok(budget.lameDuckMinMs <= budget.lameDuckMs, said);
    assert.ok(budget.lameDuckMs <= budget.drainingMs, said);
    assert.ok(planSpread(settings, budget) < budget.drainingMs, said);
    assert.ok(settings.timeouts.idle < budget.drainingMs, said);
    const at = fixInstants(budget, 1_000, true);
    const order = [at.start, at.lameDuckMin, at.lameDuckEnd, at.abort, at.cut, at.end, at.deadline];
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
      said,
    );
  }
});

test("the lame duck outlasts the prover's balancer from 5 s up, and lasts 2 s where that fits", () => {
  const PROVER_LAG = 1_500;
  for (const gracePeriod of everyBudget()) {
    const { lameDuckMinMs, lameDuckMs } = plan({ gracePeriod });
    if (gracePeriod >= 5_000) assert.ok(lameDuckMinMs >= PROVER_LAG + 300, `${gracePeriod}`);
    if (gracePeriod >= 6_000) assert.equal(lameDuckMinMs, 2_000);
    assert.equal(
      lameDuckMs,
      gracePeriod >= 6_000
        ? Math.min(5_000, Math.max(2_000, Math.floor(gracePeriod / 6)))
        : lameDuckMinMs,
    );
  }
});

test("a default lame duck yields to windows that are given", () => {
  const { lameDuckMs, drainingMs } = plan({ gracePeriod: 5_000, closingWindow: 3_500 });
  assert.deepEqual([lameDuckMs, drainingMs], [500, 501]);
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
    lameDuckMinMs: 300,
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
    lameDuckMin: 1_300,
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
  const moved = { ...without, lameDuckMin: 300, lameDuckEnd: 300 };
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

test("the lame duck's minimum is what is given, its maximum, or 2 s", () => {
  const least = (min: number | undefined, max: number): number =>
    plan({ gracePeriod: 60_000, lameDuck: { max, ...(min !== undefined && { min }) } })
      .lameDuckMinMs;
  assert.equal(least(undefined, 1_000), 1_000);
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

test("`closeSpread` has to fit into the time for requests in flight; its default always does", () => {
  const closeSpread = (options: LastcallOptions): number =>
    planSpread(readOptions(options), plan(options));
  assert.equal(closeSpread({}), 3_000);
  assert.equal(closeSpread({ gracePeriod: 10_000, closeSpread: 0 }), 0);
  const narrow: LastcallOptions = { gracePeriod: 10_000, lameDuck: { max: 7_000 } };
  const { drainingMs } = plan(narrow);
  assert.ok(closeSpread(narrow) < drainingMs);
  assert.equal(closeSpread({ ...narrow, closeSpread: drainingMs - 1 }), drainingMs - 1);
  assert.throws(
    () => closeSpread({ ...narrow, closeSpread: drainingMs }),
    (error) =>
      error instanceof LastcallError &&
      error.code === "ERR_LASTCALL_BUDGET" &&
      error.message.startsWith(
        `\`closeSpread\`, ${drainingMs} ms, does not fit into the ${drainingMs} ms`,
      ),
  );
});
