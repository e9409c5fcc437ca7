import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { WebSocket } from "ws";

import { Program, type Exit } from "../harness/program.js";
import { connect } from "../harness/wire.js";

const GRACE = 3_000;

/** A machine that is busy elsewhere: what hangs would take ten seconds, or for ever. */
const ROOM = 2_500;

function start(t: TestContext, how: string, options: readonly string[] = []): Program {
  const file = path.join(import.meta.dirname, "..", "fixtures", "deadline.js");
  const child = spawn(process.execPath, [...options, file, how]);
  t.after(() => child.kill("SIGKILL"));
  return new Program(child);
}

/** Stops it; resolves to how it ended and after how long. */
async function stop(program: Program): Promise<Exit & { ms: number }> {
  const at = performance.now();
  program.kill("SIGTERM");
  const exit = await Promise.race([program.exit, sleep(9_000, undefined, { ref: false })]);
  assert.ok(exit !== undefined, `still runs: ${program.stderr}`);
  return { ...exit, ms: performance.now() - at };
}

test("(control: nothing hangs) the process ends by itself, with 0", async (t) => {
  const program = start(t, "nothing");
  await program.port();
  const { code, signal, ms } = await stop(program);
  assert.deepEqual([code, signal], [0, null]);
  assert.ok(ms < GRACE, `${ms} ms`);
  const { outcome, exitCode, blockedMs } = program.report;
  assert.deepEqual([outcome, exitCode, blockedMs], ["clean", 0, 0]);
});

test("an event loop that is blocked for good does not outlive the deadline, and there is a report", async (t) => {
  const program = start(t, "loop");
  const client = await connect({ port: await program.port() });
  await client.get("/never");
  await program.says(/in flight/);
  const { signal, ms } = await stop(program);
  assert.equal(signal, "SIGKILL");
  assert.ok(ms < GRACE + ROOM, `${ms} ms`);
  const { outcome, exitCode, reason, warnings } = program.report;
  assert.deepEqual([outcome, exitCode, reason], ["failed", 137, "SIGTERM"]);
  assert.equal(warnings.at(-1)?.code, "deadline-passed");
});

test("a listener of `exit` that blocks does not outlive the deadline, and is named", async (t) => {
  const program = start(t, "exit");
  await program.port();
  const { signal, ms } = await stop(program);
  assert.equal(signal, "SIGKILL");
  assert.ok(ms < GRACE + ROOM, `${ms} ms`);
  assert.equal(program.report.outcome, "clean");
  assert.match(
    program.stderr,
    /exit listener that did not end: `takesTenSeconds`, .*deadline\.js:\d+/,
  );
});

test("an attached debugger does not keep the process past its deadline", async (t) => {
  const program = start(t, "nothing", ["--inspect=127.0.0.1:0"]);
  await program.port();
  const [url] = /ws:\/\/\S+/.exec(program.stderr) ?? [];
  const session = new WebSocket(url ?? "");
  t.after(() => session.terminate());
  await once(session, "open");
  session.send(JSON.stringify({ id: 1, method: "Runtime.enable" }));
  await once(session, "message");
  const { ms } = await stop(program);
  assert.ok(ms < GRACE + ROOM, `${ms} ms`);
  assert.equal(program.report.outcome, "clean");
});

test("the budget counts from when the loop last turned, and the report says so", async (t) => {
  const program = start(t, "before");
  const client = await connect({ port: await program.port() });
  await client.get("/never");
  await program.says(/in flight/);
  program.child.stdin?.write("x");
  await program.says(/blocked/);
  const { code, ms } = await stop(program);
  assert.equal(code, 124);
  const { blockedMs, durationMs } = program.report;
  assert.ok(blockedMs >= 1_000, `blocked for ${blockedMs} ms`);
  // Together they are the grace period, and not more.
  assert.ok(durationMs + blockedMs < GRACE + 300, `${durationMs} ms after ${blockedMs} ms`);
  assert.ok(ms < GRACE + ROOM, `${ms} ms`);
});

test("an output whose reader is gone is no failure of the service", async (t) => {
  const program = start(t, "output");
  await program.port();
  program.child.stdout?.destroy();
  program.kill("SIGTERM");
  assert.deepEqual(await program.exit, { code: 0, signal: null });
  assert.equal(program.report.outcome, "clean");
});

test("(control: a program that does not drain) ends by the error of its output", async () => {
  const write = `setInterval(() => console.log("a line that goes nowhere"), 10);`;
  const child = spawn(process.execPath, ["-e", write]);
  await once(child.stdout, "data");
  child.stdout.destroy();
  child.stderr.resume();
  assert.deepEqual(await once(child, "exit"), [1, null]);
});

for (const how of ["code", "code at the end"]) {
  test(`no outcome says clean beside an exit code that is not 0: ${how}`, async (t) => {
    const program = start(t, how);
    await program.port();
    const { code } = await stop(program);
    assert.equal(code, 3);
    const { outcome, exitCode, warnings } = program.report;
    assert.deepEqual([outcome, exitCode], ["failed", 3]);
    assert.deepEqual(
      warnings.map((warning) => warning.code),
      ["exit-code"],
    );
  });
}

const LISTENERS: readonly (readonly [string, number, RegExp?])[] = [
  ["exit sets", 4],
  ["exit calls", 5],
  ["exit throws", 1, /Uncaught in an `exit` listener: Error: of a listener\n +at /],
];

// The report is out by then, so that a listener that hangs cannot keep it.
for (const [how, expected, more = /^/] of LISTENERS) {
  test(`an \`exit\` listener that makes another code of it is named: ${how}`, async (t) => {
    const program = start(t, how);
    await program.port();
    const { code } = await stop(program);
    assert.equal(code, expected);
    assert.equal(program.report.outcome, "clean");
    const line = new RegExp(
      `\nlastcall: exit code ${expected}, and not 0 as reported: \`exit\` listener .*deadline\\.js:\\d+\n`,
    );
    assert.match(program.stderr, line);
    assert.match(program.stderr, more);
  });
}

for (const [how, expected, outcome] of [
  ["ends at the end", 0, "clean"],
  ["ends at the end 3", 3, "failed"],
  ["exits after a failure", 1, "failed"],
] as const) {
  test(`a listener of \`drain-end\` that ends the process costs no report: ${how}`, async (t) => {
    const program = start(t, how);
    await program.port();
    const { code } = await stop(program);
    const { exitCode, outcome: reported } = program.report;
    assert.deepEqual([code, exitCode, reported], [expected, expected, outcome], program.stderr);
  });
}

test("a report function that makes another code of it is told so", async (t) => {
  const program = start(t, "report sets");
  await program.port();
  assert.equal((await stop(program)).code, 6);
  assert.equal(program.report.exitCode, 0);
  assert.equal(program.stderr.split("lastcall: exit code 6, and not 0 as reported\n").length, 2);
});

test("(control: `exit` listeners that leave the code alone) nothing is said", async (t) => {
  const program = start(t, "exit leaves");
  await program.port();
  assert.equal((await stop(program)).code, 0);
  assert.doesNotMatch(program.stderr, /as reported/);
});
