import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "#src/prove/facts/ledger.js";
import type { Noise } from "#src/prove/facts/result.js";
import { findFaults } from "#src/prove/judge/fault.js";
import { findNoise } from "#src/prove/judge/noise.js";
import type { LoadOutcome } from "#src/prove/load/start.js";
import { QUIET } from "../facts/sample-result.js";

function lost(sentAt: number, endedAt: number, id = String(sentAt)): Entry {
  return {
    id,
    client: "pool",
    method: "GET",
    path: "/",
    connection: 1,
    generation: 0,
    sentAt,
    endedAt,
    firstByteAt: null,
    lastByteAt: null,
    saysClose: false,
    outcome: "dropped",
    kind: "reset",
    status: null,
  };
}

function outcome(entries: readonly Entry[], stalls: LoadOutcome["stalls"]): LoadOutcome {
  const ends = {
    askedAt: 0,
    connectedAt: 0,
    saidCloseAt: null,
    endedAt: 9,
    end: "reset by service",
  } as const;
  const connection = { number: 1, client: "pool", generation: 0, planned: entries.length } as const;
  const unfounded: string[] = [];
  return {
    planned: entries.length,
    entries,
    connections: [{ ...connection, ...ends }],
    stalls,
    noise: QUIET,
    unfounded,
    doubts: [],
    probes: [],
  };
}

const answered: Entry = { ...lost(990, 995), outcome: "ok", kind: "complete", status: 200 };
const STALL = { from: 1_000, to: 1_700 };

test("76. its own failures (ports, own timeouts) are kept apart: what was lost while the load process was held up is not the service's", () => {
  const faults = findFaults(outcome([lost(990, 1_705), lost(1_702, 1_710)], [STALL]));
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? "", /^the load process did not get to run for 0\.7 s: /);
});

test("76. its own failures (ports, own timeouts) are kept apart: a loss outside a stall is the service's", () => {
  assert.deepEqual(findFaults(outcome([lost(990, 1_705), lost(2_000, 2_010)], [STALL])), []);
  assert.deepEqual(findFaults(outcome([lost(10, 20)], [])), []);
});

test("76. its own failures (ports, own timeouts) are kept apart: a stall without a loss spoils nothing", () => {
  assert.deepEqual(findFaults(outcome([answered], [STALL])), []);
});

for (const [what, noise] of [
  ["it waited for a CPU", { cpuWaitShare: 0.95 }],
  ["it was held up", { heldUpMs: 1_100 }],
  ["its schedule was not kept", { lateP99Ms: 600 }],
] as const) {
  test(`76. its own failures (ports, own timeouts) are kept apart: too noisy a run has no verdict, with the figures (${what})`, () => {
    const faults = findFaults({
      ...outcome([lost(10, 20)], [STALL]),
      noise: { ...QUIET, ...noise },
    });
    assert.equal(faults.length, 1);
    assert.match(
      faults[0] ?? "",
      /^too noisy to judge: in 2 s the load process was held up for .*, waited for a CPU \d+ %/,
    );
  });
}

test("76. its own failures (ports, own timeouts) are kept apart: what a quiet machine does is no noise, nor one pause in a short stop", () => {
  const isNoisy = (noise: Partial<Noise>): boolean => findNoise({ ...QUIET, ...noise }).length > 0;
  assert.ok(!isNoisy({}));
  assert.ok(
    !isNoisy({
      cpuWaitShare: 0.8,
      cpuPressureShare: 1,
      loopLagMaxMs: 700,
      heldUpMs: 700,
      lateP99Ms: 300,
    }),
  );
  assert.ok(!isNoisy({ windowMs: 300, cpuWaitShare: 0.9, heldUpMs: 250 }));
  assert.ok(
    !isNoisy({ cpuWaitShare: null, cpuPressureShare: null, portsUsed: null, portsInRange: null }),
  );
});

test("a load that sent nothing at all can lose nothing: there is no verdict", () => {
  const unsent: Entry = { ...lost(990, 995), sentAt: null, outcome: "unsent", kind: "ended" };
  for (const entries of [[], [unsent]]) {
    assert.match(String(findFaults(outcome(entries, []))), /^no request was sent at all/);
  }
  assert.deepEqual(findFaults(outcome([{ ...unsent, id: "2" }, answered], [])), []);
});
