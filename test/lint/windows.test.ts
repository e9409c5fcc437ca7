// The linter shares no code with the library: its sums have to be the library's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { planBudget } from "#src/budget.js";
import { isLastcallError } from "#src/errors.js";
import { planWindows, type Asked } from "#src/lint/model/windows.js";
import type { LastcallOptions } from "#src/options/options.js";
import { readOptions } from "#src/options/settings.js";

const NONE: Asked = {
  gracePeriod: 30_000,
  lameDuckMin: undefined,
  lameDuckMax: undefined,
  abortWindow: undefined,
  closingWindow: undefined,
  margin: undefined,
};

/** Every combination of these, some of which the library refuses. */
function* listAsked(): Generator<Asked> {
  for (const gracePeriod of [200, 1_000, 5_000, 10_000, 25_000, 30_000, 60_000, 600_000]) {
    for (const lameDuckMax of [undefined, 0, 500, 3_000, 8_000]) {
      for (const lameDuckMin of [undefined, 0, 1_000, 4_000]) {
        for (const closingWindow of [undefined, 0, 5_000]) {
          yield { ...NONE, gracePeriod, lameDuckMax, lameDuckMin, closingWindow };
        }
      }
    }
  }
}

function toOptions({
  gracePeriod,
  lameDuckMin: min,
  lameDuckMax: max,
  closingWindow,
}: Asked): LastcallOptions {
  const lameDuck =
    max === 0
      ? false
      : { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  return { gracePeriod, lameDuck, ...(closingWindow === undefined ? {} : { closingWindow }) };
}

test("windows are those of the library, and refused where that refuses them", () => {
  let [accepted, refused] = [0, 0];
  for (const asked of listAsked()) {
    // `lameDuck: false` has no `min`.
    if (asked.lameDuckMax === 0 && asked.lameDuckMin !== undefined) continue;
    const windows = planWindows(asked);
    const name = JSON.stringify(asked);
    try {
      const budget = planBudget(readOptions(toOptions(asked), {}));
      accepted += 1;
      assert.equal(windows.refused, null, name);
      assert.equal(windows.lameDuck, budget.lameDuckMs, name);
      assert.equal(windows.draining, budget.drainingMs, name);
      assert.equal(windows.aborting, budget.abortingMs, name);
      assert.equal(windows.closing, budget.closingMs, name);
      assert.equal(windows.margin, budget.marginMs, name);
    } catch (error) {
      if (!isLastcallError(error)) throw error;
      refused += 1;
      assert.notEqual(windows.refused, null, name);
    }
  }
  assert.ok(accepted > 100 && refused > 50, `${accepted} accepted, ${refused} refused`);
});
