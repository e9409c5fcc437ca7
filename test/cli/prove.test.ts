import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProveResult, RequestRow } from "#src/prove/index.js";
import { listGroup } from "#src/prove/machine/group.js";
import { serveRaw } from "../prove/load/open-run.js";
import { commandOf } from "../prove/prove-fixture.js";
import { MAIN, runCli, startCli, type CliRun } from "./run-cli.js";

const QUICK = ["prove", "--warmup", "100ms", "--lag", "200ms"];
const CORRECT = { LAME_DUCK_MS: "700" };

test("prove: a correct stop → PASS, exit 0, data on stdout, nothing on a piped stderr, no annotation", async (t) => {
  const summary = path.join(temporaryFolder(t), "summary");
  const env = { ...CORRECT, GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
  const run = await runCli([...QUICK, "--", ...commandOf("stops-correctly")], env);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal(run.stderr, "");
  assert.match(run.stdout, /^✓ dropped requests == 0 +0 of [\d,]+$/m);
  assert.match(run.stdout, /^✓ exit code == 0 +0$/m);
  assert.match(run.stdout, /^✓ time from signal to exit < grace 30 s +[\d.]+ s$/m);
  assert.match(run.stdout, /^· time from last response byte to exit +[\d.]+ m?s$/m);
  assert.match(run.stdout, /\n\nPASS {2}seed \d+\n$/);
  assert.ok(!run.stdout.includes("\u001B"), "no colour in a pipe");
  assert.ok(!/^::/m.test(run.stdout), run.stdout);
  assert.match(readFileSync(summary, "utf8"), /^## ✅ PASS/);
});

test("prove: a wrong stop → FAIL, exit 1, --json and --ledger agree", async (t) => {
  const file = path.join(temporaryFolder(t), "ledger.ndjson");
  const args = [...QUICK, "--json", "--seed", "7", "--ledger", file];
  const run = await runCli([...args, "--", ...commandOf("exits-at-once")]);
  assert.equal(run.code, 1, run.stderr);
  const result = JSON.parse(run.stdout) as ProveResult;
  assert.equal(result.version, 1);
  assert.equal(result.verdict, "fail");
  assert.equal(result.seed, 7);
  const rows = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RequestRow);
  assert.equal(rows.length, result.requests.planned);
  const dropped = rows.filter(({ outcome }) => outcome === "dropped");
  assert.equal(dropped.length, result.requests.dropped);
  assert.ok(dropped.every(({ startMs }) => startMs !== null));
});

for (const [what, command, message] of [
  [
    "a command that does not exist",
    ["no-such-command"],
    /cannot start `no-such-command`: there is no such command\n$/,
  ],
  [
    "a command that exits at once",
    [process.execPath, "-e", "console.error('no config');process.exit(4)"],
    /exited with code 4 before it was signalled\. Its last output:\nno config\n$/,
  ],
  [
    "a command that is ended by a signal",
    [process.execPath, "-e", "process.kill(process.pid,'SIGKILL')"],
    /exited by SIGKILL before it was signalled\. It wrote nothing\.\n$/,
  ],
  [
    "a command that never listens",
    [process.execPath, "-e", "console.log('idle');setInterval(()=>{},1e3)"],
    /did not answer on port \d+ within 3 s: connect ECONNREFUSED .*\. Its last output:\nidle\n$/,
  ],
  [
    "a service that is never ready",
    [
      process.execPath,
      "-e",
      "require('http').createServer((_,r)=>{r.statusCode=503;r.end()}).listen(process.env.PORT)",
    ],
    /did not answer on port \d+ within 3 s: it answered 503\. It wrote nothing\.\n$/,
  ],
] as const) {
  test(`prove: ${what} → could not run, exit 3, one clear sentence`, async () => {
    const run = await runCli([...QUICK, "--start-timeout", "3s", "--", ...command]);
    assert.equal(run.code, 3, run.stderr);
    assert.equal(run.stdout, "");
    assert.match(run.stderr, /^lastcall prove: could not run: /);
    assert.match(run.stderr, message);
  });
}

test("prove: could not run, with --json → the reason has a stable code", async () => {
  const run = await runCli([...QUICK, "--json", "--", "no-such-command"]);
  assert.equal(run.code, 3);
  const { verdict, error } = JSON.parse(run.stdout) as { verdict: string; error: { code: string } };
  assert.deepEqual([verdict, error.code], ["could-not-run", "PROVE_CANNOT_START"]);
});

test("prove: --port where something listens already → could not run", async (t) => {
  const port = await serveRaw(t, () => {});
  const run = await runCli([...QUICK, "--port", String(port), "--", ...commandOf("never-exits")]);
  assert.equal(run.code, 3);
  assert.match(
    run.stderr,
    /port \d+ is taken: something answers there before the service is started/,
  );
});

test("76. its own failures (ports, own timeouts) are kept apart as the prover's: out of file descriptors → exit 3, no verdict on the service", async () => {
  const limited = ["prove", "--clients", "pool=200", "--", ...commandOf("stops-correctly")];
  // Node raises its soft limit by itself; the hard one holds for the prover and its children. Loading the
  // command's modules needs some for a moment.
  const run = runLimited(120, limited);
  assert.equal(run.code, 3, run.stdout + run.stderr);
  assert.equal(run.stdout, "");
  assert.match(run.stderr, /could not run: the prover's own load failed: connection \d+: EMFILE/);
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`prove: ${signal} to the prover → exit ${String(code)}, no process left`, async (t) => {
    const { cli, servicePid } = await startLoaded(t);
    cli.kill(signal);
    const run = await cli.ended;
    assert.equal(run.code, code);
    assert.deepEqual(listGroup(servicePid), []);
  });
}

test("prove: the prover itself is killed → its load process ends the service, then itself", async (t) => {
  const { cli, servicePid } = await startLoaded(t);
  cli.kill("SIGKILL");
  await cli.ended;
  while (listGroup(servicePid).length > 0) await sleep(20);
});

/** A prover whose service has answered and whose load goes on for long. */
async function startLoaded(t: TestContext): Promise<{
  cli: ReturnType<typeof startCli>;
  servicePid: number;
}> {
  const file = path.join(temporaryFolder(t), "pid");
  const args = ["prove", "--warmup", "10m", "--", ...commandOf("tells-pid")];
  const cli = startCli(args, { PID_FILE: file });
  let pid = "";
  while (pid === "") {
    if (existsSync(file)) pid = readFileSync(file, "utf8");
    else await sleep(20);
  }
  return { cli, servicePid: Number(pid) };
}

function runLimited(files: number, args: readonly string[]): CliRun {
  const script = `ulimit -n ${String(files)} && exec "$0" "$@"`;
  const child = spawnSync("sh", ["-c", script, process.execPath, MAIN, ...args], {
    encoding: "utf8",
  });
  return { code: child.status, stdout: child.stdout, stderr: child.stderr };
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
