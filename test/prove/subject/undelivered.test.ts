import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import type { ProveResult } from "#src/prove/index.js";
import { listGroup } from "#src/prove/machine/group.js";
import { criterionOf, pathOf, proveFixture } from "../prove-fixture.js";

const SERVER = `"${process.execPath}" "${pathOf("stops-correctly")}"`;

test("70. `npm start` or a shell as parent: the undelivered signal is detected (sh)", async () => {
  // Two commands, or a shell may replace itself with the only one.
  const { result } = await proveFixture("", { command: ["sh", "-c", `${SERVER}; true`] });
  assertUndelivered(
    result,
    /`sh -c .*\(pid \d+\) exited after .* and left `.+` \(pid \d+\) serving$/,
  );
});

test("70. `npm start` or a shell as parent: the undelivered signal is detected (npm start)", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const scripts = { start: `${SERVER}; true` };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "shop", scripts }));
  const { result } = await proveFixture("", { command: ["npm", "--prefix", folder, "start"] });
  assertUndelivered(result, /`npm --prefix .* start` \(pid \d+\) exited after .* and left /);
});

test("70. control: a shell that replaces itself with the server passes the signal on", async () => {
  const { result } = await proveFixture("", {
    command: ["sh", "-c", `exec ${SERVER}`],
    env: { ...process.env, LAME_DUCK_MS: "700" },
  });
  assert.equal(result.verdict, "pass");
});

function assertUndelivered(result: ProveResult, who: RegExp): void {
  assert.equal(result.verdict, "fail");
  const { measured, passed } = criterionOf(result, "signal reached the server");
  assert.equal(passed, false);
  assert.match(measured, /^the signal never reached the server: .* serving$/);
  assert.match(measured, who);
  assert.equal(criterionOf(result, "dropped requests").passed, true, "the server served on");
  const orphans = result.trials[0]?.stops[0]?.exit.orphans;
  assert.ok(orphans?.isServing);
  assert.deepEqual(listGroup(orphans.started.pid), [], "the survivors were ended");
}
