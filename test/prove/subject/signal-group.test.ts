// The whole group is told, as a terminal and systemd do: the stop is over with the last of it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import type { ProveResult } from "#src/prove/index.js";
import { criterionOf, pathOf, proveFixture } from "../prove-fixture.js";

// Longer than what is left behind is looked for.
const LAME_DUCK = { ...process.env, LAME_DUCK_MS: "900" };

function wrap(fixture: string): string[] {
  // Two commands, or a shell may replace itself with the only one.
  return ["sh", "-c", `"${process.execPath}" "${pathOf(fixture)}"; true`];
}

function idsOf({ findings }: ProveResult): string[] {
  return findings.map(({ id }) => id);
}

test("a group is followed to its last member: a shell that dies of the signal leaves the server to finish", async () => {
  const { result } = await proveFixture("", {
    command: wrap("stops-correctly"),
    signalGroup: true,
    env: LAME_DUCK,
  });
  assert.deepEqual(idsOf(result), []);
  assert.equal(result.verdict, "pass");
  const exit = result.trials[0]?.stops[0]?.exit;
  assert.ok((exit?.afterSignalMs ?? 0) > 900, String(exit?.afterSignalMs));
  assert.deepEqual([exit?.code, exit?.orphans], [null, null]);
  const { measured, passed } = criterionOf(result, "exit code");
  assert.equal(passed, null);
  assert.match(measured, /^not known: the started process died of the signal/);
});

test("a group is followed to its last member: npm start", async (t) => {
  const { result } = await proveFixture("", {
    command: npmStart(t),
    signalGroup: true,
    env: LAME_DUCK,
  });
  assert.deepEqual(idsOf(result), []);
  assert.equal(result.verdict, "pass");
});

function npmStart(t: TestContext): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const scripts = { start: `"${process.execPath}" "${pathOf("stops-correctly")}"; true` };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "shop", scripts }));
  return ["npm", "--prefix", folder, "start"];
}

test("control: the same command whose shell alone is told", async () => {
  const { result } = await proveFixture("", {
    command: wrap("stops-correctly"),
    env: LAME_DUCK,
  });
  assert.deepEqual(idsOf(result), ["signal/never-arrived"]);
});

test("control: one of the group that ignores the signal fails on the time of its exit", async () => {
  const { result } = await proveFixture("", {
    command: wrap("never-exits"),
    signalGroup: true,
    grace: 1_500,
  });
  assert.equal(result.verdict, "fail");
  assert.equal(criterionOf(result, "time from signal to exit").passed, false);
  assert.deepEqual(idsOf(result), ["signal/ignored"]);
  const exit = result.trials[0]?.stops[0]?.exit;
  assert.deepEqual([exit?.code, exit?.signal], [137, "SIGKILL"]);
  assert.ok((exit?.afterSignalMs ?? 0) >= 1_500, String(exit?.afterSignalMs));
});

test("control: one of the group that the signal ends at once loses what it has", async () => {
  const { result } = await proveFixture("", { command: wrap("dies-of-signal"), signalGroup: true });
  assert.equal(result.verdict, "fail");
  assert.deepEqual(idsOf(result), ["exit/at-once"]);
});

test("a service that leads its group keeps its exit code", async () => {
  const { result } = await proveFixture("stops-correctly", { signalGroup: true, env: LAME_DUCK });
  assert.equal(result.verdict, "pass");
  assert.equal(criterionOf(result, "exit code").passed, true);
  const died = await proveFixture("dies-of-signal", { signalGroup: true });
  assert.deepEqual(idsOf(died.result), ["exit/died-of-signal"]);
});

test("the same stop is told twice to a group whose shell has gone by then", async () => {
  const { result } = await proveFixture("", {
    command: wrap("stops-correctly"),
    signalGroup: true,
    repeatSignal: 100,
    env: LAME_DUCK,
  });
  assert.equal(result.verdict, "pass");
  assert.deepEqual(result.notes, []);
});

test("a second signal for which the service has ended too soon makes a note", async () => {
  const { result } = await proveFixture("stops-correctly", {
    repeatSignal: 10_000,
    trials: 2,
    env: LAME_DUCK,
  });
  assert.equal(result.verdict, "pass");
  assert.deepEqual(result.notes, [
    "the signal was not sent again, for the service had ended within 10 s of the first: what a second one does to it is not known",
  ]);
  const told = await proveFixture("stops-correctly", { repeatSignal: 30, env: LAME_DUCK });
  assert.deepEqual(told.result.notes, [], "control: one that is sent");
});
