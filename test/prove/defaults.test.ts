// The library's defaults and the prover's, with nothing chosen on either side: they have to agree.
import assert from "node:assert/strict";
import { test } from "node:test";

import { prove, type ProveResult } from "#src/prove/index.js";
import { unlessStalled } from "../harness/unless-stalled.js";
import { commandOf, criterionOf } from "./prove-fixture.js";

interface Chosen {
  readonly gracePeriod: number;
  readonly quick: boolean;
  readonly lameDuck?: number;
}

function proveDefaults({ gracePeriod, quick, lameDuck }: Chosen): Promise<ProveResult> {
  const env = { ...process.env, GRACE_PERIOD: String(gracePeriod) };
  const command = commandOf("nothing-but-defaults");
  return unlessStalled(
    () =>
      prove({
        command,
        quick,
        env: lameDuck === undefined ? env : { ...env, LAME_DUCK: String(lameDuck) },
      }),
    ({ verdict }) => verdict === "could-not-run",
  );
}

for (const gracePeriods of [
  [5_000, 10_000],
  [30_000, 60_000],
]) {
  for (const quick of [false, true]) {
    const how = `${quick ? "--quick" : "plain"}, gracePeriod ${gracePeriods.join(" and ")}`;
    test(`nothing but defaults on both sides passes: ${how}`, async () => {
      const results = await Promise.all(
        gracePeriods.map((gracePeriod) => proveDefaults({ gracePeriod, quick })),
      );
      for (const [at, result] of results.entries()) {
        const lost = criterionOf(result, "dropped requests").measured;
        assert.equal(result.verdict, "pass", `gracePeriod ${gracePeriods[at]}: ${lost} dropped`);
      }
    });
  }
}

/** A service that the machine lets stand still until the balancer has let go closes in time, whatever it was told. */
function hasClosedLate({ lagMs, trials }: ProveResult): boolean {
  const closings = trials.flatMap(({ stops }) =>
    stops.map(({ timeline }) => timeline.listenerClosedMs),
  );
  return closings.every((closedMs) => closedMs === null || closedMs >= lagMs);
}

test("(control) a lame duck of a sixth of 5 s is over before the prover's balancer lets go", async () => {
  const result = await unlessStalled(
    () => proveDefaults({ gracePeriod: 5_000, quick: false, lameDuck: 833 }),
    hasClosedLate,
  );
  assert.equal(result.verdict, "fail", JSON.stringify(result.trials));
  const found = result.findings.map(({ id }) => id);
  assert.ok(found.includes("listener/closed-before-lame-duck"), found.join(", "));
});
