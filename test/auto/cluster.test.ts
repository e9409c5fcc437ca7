import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { startAuto, stopInFlight } from "../harness/auto.js";
import type { Program } from "../harness/program.js";

async function stop(program: Program): Promise<string> {
  const [answer, end] = await stopInFlight(program);
  return `${answer?.body ?? "lost"}, ${end}`;
}

suite("the primary of a cluster that respawns its workers", () => {
  for (const way of ["import", "NODE_OPTIONS"] as const) {
    test(`by ${way}: it passes the signal on once, waits for them, and starts none`, async (t) => {
      const program = startAuto(t, way, ["cluster.mjs"]);
      assert.equal(await stop(program), "whole, 0", program.stderr);
      const reports = program.stderr
        .split("\n")
        .filter((line) => line.startsWith('{"lastcall":"drain"'))
        .map((line) => JSON.parse(line) as Program["report"]);
      const primary = reports.find(({ workers }) => workers.length > 0);
      assert.deepEqual(
        primary?.workers.map(({ told, outcome }) => [told, outcome]),
        [
          ["message", "clean"],
          ["message", "clean"],
        ],
      );
      // No third one has come.
      assert.deepEqual(
        new Set(program.stdout.match(/exit of \d/g)),
        new Set(["exit of 1", "exit of 2"]),
      );
    });
  }

  test("(control: as it is) what is in flight is lost", async (t) => {
    assert.equal(await stop(startAuto(t, "bare", ["cluster.mjs"])), "lost, SIGTERM");
  });
});
