import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { test, type TestContext } from "node:test";

import type { DrainReport } from "lastcall";

import { Program } from "../harness/program.js";

/** The report of a service that runs with these variables, as PM2 sets them. */
async function stopWith(t: TestContext, env: NodeJS.ProcessEnv): Promise<DrainReport> {
  const file = path.join(import.meta.dirname, "..", "fixtures", "lame-duck.js");
  const child = spawn(process.execPath, [file], { env: { ...process.env, ...env } });
  t.after(() => child.kill("SIGKILL"));
  const program = new Program(child);
  await program.port();
  program.kill("SIGINT");
  await program.exit;
  return program.report;
}

const PM2 = { pm_id: "0", pm_exec_path: "/srv/server.js" };

for (const [what, env, gracePeriodMs] of [
  ["its kill_timeout", { ...PM2, kill_timeout: "2500" }, 2_500],
  ["its default", PM2, 1_600],
  ["the kill_timeout of all", { ...PM2, PM2_KILL_TIMEOUT: "1800" }, 1_800],
] as const) {
  test(`under PM2 the budget is ${what}, and the report says which line gives more`, async (t) => {
    const { budget, warnings } = await stopWith(t, env);
    assert.ok(Math.abs(budget.gracePeriodMs - gracePeriodMs) <= 1, `${budget.gracePeriodMs} ms`);
    const windows = budget.lameDuckMs + budget.drainingMs + budget.abortingMs + budget.closingMs;
    assert.ok(windows + budget.marginMs <= gracePeriodMs);
    const cut = warnings.find(({ code }) => code === "grace-period-cut");
    assert.match(cut?.message ?? "", /^PM2 kills after \d+ ms.*`kill_timeout: \d+`/);
  });
}

test("(control: no PM2, or one that gives enough) the budget is the service's own", async (t) => {
  const own = await stopWith(t, { kill_timeout: "300" });
  assert.deepEqual(own.warnings, []);
  const enough = await stopWith(t, { ...PM2, kill_timeout: "60000" });
  assert.deepEqual(enough.warnings, []);
  assert.equal(enough.budget.gracePeriodMs, own.budget.gracePeriodMs);
});
