import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import type { DrainReport } from "lastcall";

import { start, type Program } from "../harness/program.js";
import { connect, type Wire } from "../harness/wire.js";

async function inFlight(
  t: TestContext,
  args: string[],
): Promise<{ program: Program; client: Wire }> {
  const program = start(t, "threads", args);
  const client = await connect({ port: await program.port() });
  await client.get("/");
  await program.says(/in flight/);
  return { program, client };
}

function reportsOf({ stderr }: Program): DrainReport[] {
  const lines = stderr.split("\n").filter((line) => line.startsWith('{"lastcall":"drain"'));
  return lines.map((line) => JSON.parse(line) as DrainReport);
}

for (const [how, more] of [
  ["a service in both", []],
  ["the main thread's service is made later", ["later"]],
  ["the main thread terminates the thread on the signal", ["terminates"]],
] as const) {
  test(`84. worker-threads: ${how} → the thread is told, and drained before the main thread's hooks`, async (t) => {
    const { program, client } = await inFlight(t, ["lastcall", "lastcall", ...more]);
    await program.says(/known/);
    program.kill("SIGTERM");
    const { status, body } = await client.response();
    assert.deepEqual([status, body], [200, "answered"]);
    assert.deepEqual(await program.exit, { code: 0, signal: null });
    const [thread, main] = reportsOf(program);
    assert.deepEqual([thread?.service, thread?.outcome], ["thread", "clean"]);
    assert.deepEqual([main?.service, main?.outcome], ["main", "clean"]);
    assert.equal(thread?.signals[0]?.from, "main");
    assert.ok((thread?.budget.gracePeriodMs ?? 0) < (main?.budget.gracePeriodMs ?? 0));
    assert.deepEqual(
      main?.workers.map(({ kind, told, outcome }) => [kind, told, outcome]),
      [["thread", "message", "clean"]],
    );
    if (more.length === 0) {
      assert.equal(main?.workers[0]?.exit, 0);
      assert.match(program.stdout, /exit of the thread: 0[^]*hook of main/);
    }
    // Nothing of it is an application's message.
    assert.doesNotMatch(program.stdout, /message: /);
  });
}

test("84. worker-threads: the loop of a thread hangs → the main thread goes on without it, its hooks run, and the process ends with 124", async (t) => {
  const program = start(t, "threads", ["lastcall", "lastcall", "hangs"]);
  await program.says(/known/);
  program.kill("SIGTERM");
  // Not SIGKILL, which the thread's own end of its time would be: the process is the main thread's.
  assert.deepEqual(await program.exit, { code: 124, signal: null });
  assert.match(program.stdout, /hook of main/);
});

test("84. (control: the thread has no service) its request is lost", async (t) => {
  const { program, client } = await inFlight(t, ["lastcall", "plain"]);
  program.kill("SIGTERM");
  await client.ended();
  assert.equal(client.text, "");
  await program.exit;
  assert.deepEqual(reportsOf(program)[0]?.workers, []);
});

test("84. worker-threads: without a service in the main thread no signal reaches the thread, and it says so", async (t) => {
  const { program } = await inFlight(t, ["plain", "lastcall"]);
  await program.says(/warning thread thread-unheard/);
  program.kill("SIGTERM");
  assert.deepEqual(await program.exit, { code: null, signal: "SIGTERM" });
});
