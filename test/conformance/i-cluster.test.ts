import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { test, type TestContext } from "node:test";

import type { DrainReport } from "lastcall";

import { Pool, type Counts } from "../harness/pool.js";
import { Program, start } from "../harness/program.js";

const SCHEDULINGS = ["round robin", "none"];

/** Two workers under load, with slow requests in flight in both. At the head of a process group of their own. */
async function serve(
  t: TestContext,
  scheduling: string,
  args: readonly string[],
): Promise<{ program: Program; pool: Pool }> {
  const file = path.join(import.meta.dirname, "..", "fixtures", "cluster.js");
  const child = spawn(process.execPath, [file, scheduling, ...args], { detached: true });
  const program = new Program(child);
  t.after(() => {
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      // None of them is left.
    }
  });
  await program.says(/(listening[^]*){2}/);
  const pool = new Pool({ port: await program.port() });
  t.after(() => pool.stop());
  await pool.answered(40);
  pool.send(8, "/slow");
  await program.says(/(slow [^]*){8}/);
  return { program, pool };
}

/** Lets the clients send until the workers drain, and then to the end of what they have sent. */
async function stop(
  { program, pool }: { program: Program; pool: Pool },
  tell: (program: Program) => void,
  workers = 2,
): Promise<Counts> {
  tell(program);
  const draining = new RegExp(`(draining[^]*){${workers}}`);
  await Promise.race([program.says(draining), program.exit]);
  await pool.answered(pool.counts.answered + 40);
  return pool.close();
}

const toPrimary = ({ child }: Program): void => void child.kill("SIGTERM");
const toGroup = ({ child }: Program): void => void process.kill(-(child.pid ?? 0), "SIGTERM");
const toWork = ({ child }: Program): void => void child.kill("SIGUSR2");

function reportsOf({ stderr }: Program): DrainReport[] {
  const lines = stderr.split("\n").filter((line) => line.startsWith('{"lastcall":"drain"'));
  return lines.map((line) => JSON.parse(line) as DrainReport);
}

test("85. cluster: the callback of cluster.disconnect() comes though a worker's channel outlives it", async (t) => {
  const program = start(t, "cluster-channel");
  await program.exit;
  assert.match(program.stdout, /^exit\ndisconnected$/m);
});

for (const scheduling of SCHEDULINGS) {
  for (const [how, tell] of [
    ["the primary alone", toPrimary],
    ["the whole group", toGroup],
  ] as const) {
    test(`85. cluster: ${how} is told, scheduling ${scheduling} → workers drain in parallel and once, 0 lost, the primary's hooks last`, async (t) => {
      const served = await serve(t, scheduling, ["lastcall", "lastcall"]);
      const { lost } = await stop(served, tell);
      const { program } = served;
      assert.deepEqual(lost, []);
      assert.deepEqual(await program.exit, { code: 0, signal: null });
      const reports = reportsOf(program);
      assert.deepEqual(reports.map(({ service, outcome }) => `${service} ${outcome}`).toSorted(), [
        "primary clean",
        "worker clean",
        "worker clean",
      ]);
      const primary = reports.find(({ service }) => service === "primary");
      assert.deepEqual(
        primary?.workers.map(({ kind, told, outcome, exit }) => [kind, told, outcome, exit]),
        Array.from({ length: 2 }, () => ["process", "message", "clean", 0]),
      );
      // In parallel: one after the other would take two lame ducks.
      assert.ok((primary?.durationMs ?? 0) < 4_700, `${primary?.durationMs} ms`);
      assert.match(program.stdout, /hook, 0 workers/);
      assert.equal(program.stdout.match(/signal \w+ stop/g)?.length, 3);
      // They have less time than the primary, which comes after them.
      for (const { service, budget } of reports) {
        assert.equal(budget.gracePeriodMs < 20_000, service === "worker");
      }
      // Nothing of it is an application's message.
      assert.doesNotMatch(program.stdout, /message/);
    });
  }

  test(`85. (control: nothing has lastcall, scheduling ${scheduling}) requests are lost`, async (t) => {
    const served = await serve(t, scheduling, ["plain", "plain"]);
    const { lost } = await stop(served, toGroup);
    assert.ok(lost.length >= 8, `${lost.length} lost`);
  });

  test(`85. cluster: a primary without lastcall dies of the group's signal, scheduling ${scheduling} → its workers drain`, async (t) => {
    const served = await serve(t, scheduling, ["plain", "lastcall"]);
    const { program, pool } = served;
    // A connection that the primary has accepted and not handed over yet dies with it: there is none.
    await pool.rest();
    toGroup(program);
    await program.exit;
    const { lost } = await pool.close();
    assert.deepEqual(lost, []);
    assert.deepEqual(
      reportsOf(program).map(({ outcome }) => outcome),
      ["clean", "clean"],
    );
  });

  test(`85. cluster: cluster.disconnect(), scheduling ${scheduling} → workers drain, 0 lost, the callback comes after them`, async (t) => {
    const served = await serve(t, scheduling, ["lastcall", "lastcall", "disconnects"]);
    const { lost } = await stop(served, toWork);
    assert.deepEqual(lost, []);
    const { program } = served;
    await program.says(/exit of [12]: 0[^]*exit of [12]: 0[^]*disconnected|disconnected/);
    assert.match(program.stdout, /lame duck maximum[^]*lame duck maximum[^]*disconnected/);
  });

  for (const primary of ["lastcall", "plain"]) {
    test(`85. cluster: all workers disconnect themselves, scheduling ${scheduling}, ${primary} primary → each drains with a lame duck, 0 lost`, async (t) => {
      const served = await serve(t, scheduling, [primary, "lastcall", "all-leave"]);
      const { lost } = await stop(served, toWork);
      assert.deepEqual(lost, []);
      const { program } = served;
      await program.says(/(exit of [12]: 0, true[^]*){2}/);
      assert.match(program.stdout, /lame duck maximum[^]*lame duck maximum/);
    });
  }

  for (const [how, more] of [
    ["worker.disconnect()", "disconnects-one"],
    ["a signal to one worker", "tells-one"],
  ] as const) {
    test(`85. cluster: ${how}, scheduling ${scheduling} → it drains without a lame duck, its sibling serves on, 0 lost`, async (t) => {
      const served = await serve(t, scheduling, ["lastcall", "lastcall", more]);
      const { program, pool } = served;
      toWork(program);
      await program.says(/exit of 1: 0/);
      const { lost } = await pool.close();
      assert.deepEqual(lost, []);
      assert.match(program.stdout, /lame duck siblings/);
      assert.equal(reportsOf(program).length, 1);
    });
  }
}

test("85. (control: workers without lastcall disconnect themselves) clients are refused", async (t) => {
  const served = await serve(t, "round robin", ["plain", "plain", "all-leave"]);
  const { program, pool } = served;
  toWork(program);
  // Until the first is lost. The workers themselves stay for as long as clients use the connections that they have.
  await pool.answered(Number.POSITIVE_INFINITY);
  assert.ok(pool.counts.lost.length > 0);
});

test("85. cluster: the primary forks again when a worker exits → none is started during the stop, and nothing throws", async (t) => {
  const served = await serve(t, "round robin", ["lastcall", "lastcall", "respawns"]);
  const { program } = served;
  const { lost } = await stop(served, toPrimary);
  assert.deepEqual(lost, []);
  assert.deepEqual(await program.exit, { code: 0, signal: null });
  assert.equal(program.stdout.match(/^worker \d+/gm)?.length, 2);
  assert.equal(program.stdout.match(/fork: dead true, sent false/g)?.length, 2);
  const primary = reportsOf(program).find(({ service }) => service === "primary");
  assert.deepEqual(
    primary?.warnings.map(({ code }) => code),
    ["cluster-fork", "cluster-fork"],
  );
});

test("85. (control: the same primary, and a worker that dies while it serves) is replaced", async (t) => {
  const { program } = await serve(t, "round robin", ["lastcall", "lastcall", "respawns"]);
  const [, pid] = await program.says(/worker (\d+)/);
  process.kill(Number(pid), "SIGKILL");
  await program.says(/fork: dead false, sent true[^]*worker \d+/);
});

test("85. cluster: workers without lastcall get the signal, and the report says what it did to them", async (t) => {
  const served = await serve(t, "round robin", ["lastcall", "plain"]);
  const { program } = served;
  await stop(served, toPrimary, 1);
  // They do not listen for it, and it is not the primary that says "clean" to that.
  assert.deepEqual(await program.exit, { code: 124, signal: null });
  const [primary] = reportsOf(program);
  assert.equal(primary?.outcome, "aborted");
  assert.deepEqual(
    primary?.workers.map(({ told, exit }) => [told, exit]),
    Array.from({ length: 2 }, () => ["signal", "SIGTERM"]),
  );
});

for (const workers of ["lastcall", "plain"]) {
  test(`85. cluster: a worker (${workers}) has just been started when the primary is told → it is not killed in the middle of its start`, async (t) => {
    const served = await serve(t, "round robin", ["lastcall", workers, "forks-late"]);
    const { program } = served;
    const { lost } = await stop(served, toPrimary, workers === "plain" ? 1 : 3);
    const { code } = await program.exit;
    const late = reportsOf(program)
      .find(({ service }) => service === "primary")
      ?.workers.at(-1);
    // The third says that it runs.
    assert.match(program.stdout, /(worker \d+[^]*){3}/);
    if (workers === "plain") {
      assert.deepEqual([late?.told, late?.exit], ["signal", "SIGTERM"]);
      return;
    }
    assert.deepEqual([lost, code], [[], 0]);
    assert.deepEqual([late?.told, late?.outcome, late?.exit], ["message", "clean", 0]);
  });
}

test("85. cluster: a second signal to the primary cuts the workers too", async (t) => {
  const { program, pool } = await serve(t, "round robin", ["lastcall", "lastcall"]);
  pool.stop();
  toPrimary(program);
  await program.says(/(draining[^]*){3}/);
  // Later than the window in which it is the same stop told again.
  await new Promise((resolve) => setTimeout(resolve, 400));
  toPrimary(program);
  assert.deepEqual(await program.exit, { code: 143, signal: null });
  // The last of them has closed its output with the primary's: none of them runs on.
  const { lost } = await pool.close();
  assert.ok(lost.length > 0);
  assert.equal(reportsOf(program).filter(({ outcome }) => outcome === "clean").length, 0);
});
