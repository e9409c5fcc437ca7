import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { start } from "../harness/program.js";
import { connect } from "../harness/wire.js";

const LINES = 20_000;

function countLines(stdout: string): number {
  return stdout.split("\n").filter((line) => /^line \d{94}$/.test(line)).length;
}

for (const [how, code, outcome] of [
  ["clean", 0, "clean"],
  ["hook", 1, "failed"],
  ["aborted", 124, "aborted"],
  ["uncaught", 1, "failed"],
] as const) {
  test(`69. logs are flushed before exit; exit code 0 iff clean (${how}: ${code})`, async (t) => {
    const program = start(t, "logs", [how]);
    await program.port();
    program.kill("SIGTERM");
    assert.deepEqual(await program.exit, { code, signal: null });
    assert.equal(program.report.outcome, outcome);
    assert.equal(countLines(program.stdout), LINES);
  });
}

test("69. (control: process.exit right after the writes) loses lines", async (t) => {
  const program = start(t, "logs", ["exit"]);
  await program.port();
  // Whoever reads fast enough may get them all.
  program.child.stdout?.pause();
  program.kill("SIGTERM");
  await once(program.child, "exit");
  program.child.stdout?.resume();
  assert.deepEqual(await program.exit, { code: 0, signal: null });
  const count = countLines(program.stdout);
  t.diagnostic(`${count} of ${LINES} lines arrived`);
  assert.ok(count < LINES, `${count} lines`);
});

test("69. a report that is longer than a pipe has room for arrives whole", async (t) => {
  const program = start(t, "large-report");
  await program.port();
  program.kill("SIGTERM");
  assert.deepEqual(await program.exit, { code: 1, signal: null });
  assert.equal(program.report.tasks.length, 5_000);
});

for (const [args, code] of [
  [["closed"], 0],
  [["replaced"], 0],
  [["closed", "throws"], 1],
  [["replaced", "throws"], 1],
] as const) {
  test(`69. a report that nobody can have costs neither the drain nor its exit code (stderr ${args.join(", ")})`, async (t) => {
    const program = start(t, "no-stderr", args);
    await program.port();
    if (args[0] === "closed") {
      program.child.stderr?.destroy();
      await once(program.child.stderr ?? program.child, "close");
    }
    program.kill("SIGTERM");
    assert.deepEqual(await program.exit, { code, signal: null });
    assert.match(program.stdout, /hook ran/);
  });
}

for (const args of [[], ["drain"]]) {
  test(`69. several services in one process: the first that is done does not end it under the other${args.map((arg) => ` (${arg})`).join("")}`, async (t) => {
    const program = start(t, "two-services", args);
    await program.says(/(listening[^]*){2}/);
    const ports = [...program.stdout.matchAll(/listening (\d+)/g)].map(([, port]) => Number(port));
    assert.equal(ports.length, 2);
    const client = await connect({ port: ports[1] ?? 0 });
    await client.get("/");
    await program.says(/in flight/);
    program.kill("SIGTERM");
    const { status, body } = await client.response();
    assert.equal(status, 200);
    assert.equal(body, "answered");
    assert.deepEqual(await program.exit, { code: 0, signal: null });
    const reports = program.stderr.split("\n").filter((line) => line.startsWith('{"lastcall"'));
    assert.deepEqual(
      reports.map((line) => {
        const { service, outcome } = JSON.parse(line) as Record<string, string>;
        return [service, outcome];
      }),
      [
        ["idle", "clean"],
        ["busy", "clean"],
      ],
    );
  });
}

for (const [args, code] of [
  [[], 0],
  [["fails"], 1],
  [["own"], 3],
  [["own", "exits"], 3],
  [["own", "fails", "exits"], 1],
] as const) {
  test(`69. the exit code is the drain's, or the application's own where the drain was clean (${args.join(", ")})`, async (t) => {
    const program = start(t, "keeps-running", args);
    await program.port();
    program.kill("SIGTERM");
    assert.deepEqual(await program.exit, { code, signal: null });
  });
}

test("72. after a drain that does not end the process, signals are the process' own again", async (t) => {
  const program = start(t, "keeps-running", ["waits"]);
  await program.port();
  program.kill("SIGTERM");
  await program.says(/drained/);
  program.kill("SIGTERM");
  assert.deepEqual(await program.exit, { code: null, signal: "SIGTERM" });
  assert.equal(program.report.outcome, "clean");
});

interface State {
  listeners: Record<string, number>;
  stderr: number;
  resources: string[];
}

test("71. start and stop × 100 in one process: no handle, listener or memory leak", async (t) => {
  const program = start(t, "cycles");
  assert.deepEqual(await program.exit, { code: 0, signal: null }, program.stderr);
  const { before, after, collected, grown } = JSON.parse(program.stdout) as {
    before: State;
    after: State;
    collected: { services: number; servers: number };
    grown: number;
  };
  t.diagnostic(`heap grown by ${Math.round(grown / 1024)} KiB over 100 services`);
  assert.deepEqual(after, before);
  assert.equal(program.stderr, "");
  // The last one may still be on somebody's stack.
  assert.ok(collected.services >= 99, `${collected.services} of 100 services collected`);
  assert.ok(collected.servers >= 99, `${collected.servers} of 100 servers collected`);
  assert.ok(grown < 100 * 10_000, `${grown} bytes`);
});

interface Shape {
  process: Record<string, number>;
  server: Record<string, number>;
  own: string[];
}

test("72. uninstall: every listener removed, the process behaves as before", async (t) => {
  const program = start(t, "uninstalled");
  const client = await connect({ port: await program.port() });
  const [line = ""] = program.stdout.split("\n");
  const { before, attached, after } = JSON.parse(line) as Record<string, Shape>;
  // There was something to take back.
  assert.notDeepEqual(attached, before);
  assert.deepEqual(after, before);
  await client.get("/");
  const { body, headers } = await client.response();
  assert.equal(body, "ok");
  assert.equal(headers.get("connection"), "keep-alive");
  program.kill("SIGTERM");
  assert.deepEqual(await program.exit, { code: null, signal: "SIGTERM" });
  assert.equal(await client.ended().then(() => client.rest), "");
  assert.equal(program.stderr, "");
});
