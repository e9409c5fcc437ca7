import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { brief, compiledFixture, inspect, installFixtures, readBlames } from "./inspect-fixture.js";

// They mostly wait.
describe("inspect: the service is told to stop", { concurrency: true }, () => {
  test("what lives on after its connection was cut is named, what has noticed is not", async (t) => {
    const folder = await installFixtures(t);
    const blames = await readBlames("gives-up");
    const inspection = await inspect(t, "stop-passes", {
      command: [process.execPath, path.join(folder, "gives-up.js")],
      slow: ["GET /ignores", "GET /notices"],
    });

    const line = String(blames.get("ignores"));
    assert.deepEqual(brief(inspection), [`ignores setTimeout gives-up.ts:${line}`]);
    assert.equal(inspection.entries[0]?.until, "process-exited");
    assert.deepEqual(inspection.judged, ["GET /ignores", "GET /notices"]);
  });

  test("a service that stops in time, or at once, has nothing to answer for", async (t) => {
    const answersInTime = await inspect(t, "stop-passes", {
      command: [process.execPath, compiledFixture("../prove/plain-close")],
      env: { ...process.env, SLOW_MS: "1500" },
      slow: ["GET /slow"],
    });
    assert.deepEqual([brief(answersInTime), answersInTime.judged], [[], ["GET /slow"]]);

    const exitsAtOnce = await inspect(t, "stop-passes", {
      command: [process.execPath, compiledFixture("../prove/exits-at-once")],
      env: { ...process.env, SLOW_MS: "20000" },
      slow: ["GET /slow"],
    });
    assert.deepEqual([brief(exitsAtOnce), exitsAtOnce.judged], [[], ["GET /slow"]]);
  });

  test("what lives when the grace period ends is named", async (t) => {
    const folder = await installFixtures(t);
    const blames = await readBlames("gives-up");
    const inspection = await inspect(t, "stop-passes", {
      command: [process.execPath, path.join(folder, "gives-up.js")],
      slow: ["GET /ignores"],
      env: { ...process.env, CUT_MS: "20000" },
      grace: 100,
    });

    const line = String(blames.get("ignores"));
    assert.deepEqual(brief(inspection), [`ignores setTimeout gives-up.ts:${line}`]);
    assert.equal(inspection.entries[0]?.until, "grace-period-ended");
  });

  test("work behind an answer that the exit cuts is named, what was awaited is not", async (t) => {
    const folder = await installFixtures(t);
    const blames = await readBlames("leaves-work");
    const names = ["notify", "spawn"];
    const inspection = await inspect(t, "after-answer", {
      command: [process.execPath, path.join(folder, "leaves-work.js")],
      requests: ["GET /", "GET /notify", "GET /spawn", "GET /awaits"],
    });

    const calls: Readonly<Record<string, string>> = {
      notify: "setTimeout",
      spawn: "child_process.spawn",
    };
    const expected = names.map(
      (name) => `${name} ${String(calls[name])} leaves-work.ts:${String(blames.get(name))}`,
    );
    assert.deepEqual(brief(inspection), expected);
    assert.equal(inspection.judged.length, 4);
  });

  test("work that a process dies with is named too", async (t) => {
    const folder = await installFixtures(t);
    const inspection = await inspect(t, "after-answer", {
      command: [process.execPath, path.join(folder, "leaves-work.js")],
      requests: ["GET /notify"],
      signal: "SIGKILL",
    });
    assert.equal(brief(inspection).length, 1);
  });

  test("work that the stop waits for is none that is left behind", async (t) => {
    const inspection = await inspect(t, "after-answer", {
      command: [process.execPath, compiledFixture("tracks-work")],
      requests: ["GET /", "GET /notify"],
    });
    assert.deepEqual([brief(inspection), inspection.judged.length], [[], 2]);
  });
});
