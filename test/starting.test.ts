// A stop that comes while the program starts.
import assert from "node:assert/strict";
import http from "node:http";
import { suite, test, type TestContext } from "node:test";

import { lastcall, type DrainReport } from "lastcall";

import { start } from "./harness/program.js";
import { listen, QUIET } from "./harness/serve.js";
import { withResolvers } from "./harness/wire.js";

interface Stopped {
  readonly lines: readonly string[];
  readonly stderr: string;
  readonly code: number | null;
  /** That of the service which is told of starts. */
  readonly report: DrainReport;
}

/** Sends SIGTERM to the fixture in the middle of its start. */
async function stopWhileStarting(t: TestContext, way: string, name = "service"): Promise<Stopped> {
  const program = start(t, "starting", [way]);
  await program.says(/starting/);
  program.kill("SIGTERM");
  const { code, signal } = await program.exit;
  assert.equal(signal, null);
  const reports = program.stderr
    .split("\n")
    .filter((line) => line.startsWith('{"lastcall":"drain"'))
    .map((line) => JSON.parse(line) as DrainReport);
  const report = reports.find(({ service }) => service === name);
  assert.ok(report, program.stderr);
  return { lines: program.stdout.split("\n"), stderr: program.stderr, code, report };
}

/** What the fixture says of its steps, and whether the database was open for each. */
function stepsOf(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line.startsWith("step"));
}

const ALL_STEPS = ["step 1", "step 2", "step 3", "step 4", "step 5"];

suite("a stop while the program starts", { concurrency: 3 }, () => {
  for (const way of [
    "told",
    "told, with a server that listens",
    "two at once",
    "one after the other",
    "waits until it listens",
    "hears of errors",
  ]) {
    test(`a start that is told of is waited for, and ends in order: ${way}`, async (t) => {
      const { lines, stderr, code, report } = await stopWhileStarting(t, way);
      assert.deepEqual(stepsOf(lines), ALL_STEPS);
      assert.deepEqual([code, report.outcome, report.tasks], [0, "clean", []]);
      assert.deepEqual(
        report.hooks.map(({ name, result }) => [name, result]),
        [["database", "done"]],
      );
      assert.ok(!lines.includes("listening"));
      assert.doesNotMatch(stderr, /Uncaught|Error/);
      const codes = report.warnings.map(({ code: each }) => each);
      assert.deepEqual([...new Set(codes)], ["late-start"]);
    });
  }

  test("(control) a start that is not told of is cut, and the report says that it does not know", async (t) => {
    const { lines, code, report } = await stopWhileStarting(t, "untold");
    assert.notDeepEqual(stepsOf(lines), ALL_STEPS);
    assert.deepEqual([code, report.outcome], [0, "clean"]);
    // On a busy machine a step may be so late that it counts as work of which lastcall was not told, which it is.
    const codes = report.warnings.map((warning) => warning.code);
    assert.deepEqual(
      codes.filter((each) => each !== "untracked-work"),
      ["never-ready"],
    );
  });

  test("hooks that a start registers run, a task that it starts does not", async (t) => {
    const { lines, code, report } = await stopWhileStarting(t, "opens more");
    assert.deepEqual(stepsOf(lines), ALL_STEPS);
    assert.deepEqual([code, report.outcome], [0, "clean"]);
    assert.deepEqual(
      report.hooks.map(({ name, result }) => [name, result]),
      [["database", "done"]],
    );
    assert.equal(report.registries[0]?.result, "left");
    assert.ok(lines.includes("closed") && lines.includes("deregistered"));
    assert.ok(!lines.includes("took work"));
  });

  test("a start that fails during the stop makes the outcome failed, after its hooks have run", async (t) => {
    const { lines, code, report } = await stopWhileStarting(t, "fails");
    assert.deepEqual(stepsOf(lines), ALL_STEPS);
    assert.deepEqual([code, report.outcome], [1, "failed"]);
    assert.deepEqual(
      report.tasks.map(({ name, result, error }) => [name, result, error]),
      [["migration", "failed", "no such table"]],
    );
    assert.ok(lines.includes("closed"));
  });

  test("a start that gives up because it was told to is not clean", async (t) => {
    const { code, report } = await stopWhileStarting(t, "gives up");
    assert.deepEqual([code, report.outcome], [124, "aborted"]);
    assert.deepEqual(
      report.tasks.map(({ name, result }) => [name, result]),
      [["start", "aborted"]],
    );
  });

  test("a start that outlasts the budget is left, with its hooks run, inside the budget", async (t) => {
    const { lines, code, report } = await stopWhileStarting(t, "never ends");
    assert.deepEqual([code, report.outcome], [124, "aborted"]);
    assert.deepEqual(
      report.tasks.map(({ name, result }) => [name, result]),
      [["migration", "left"]],
    );
    assert.ok(lines.includes("closed"));
    const phases = report.phases.map(({ phase }) => phase);
    assert.deepEqual(phases, ["draining", "aborting", "closing", "closed"]);
    // The rest is what a machine may be late.
    const { gracePeriodMs } = report.budget;
    assert.ok(report.durationMs < gracePeriodMs + 1_000, `${report.durationMs} ms`);
  });

  test("the process waits for a start of another of its services", async (t) => {
    const { lines, code, report } = await stopWhileStarting(t, "of another service", "part");
    assert.deepEqual(stepsOf(lines), ALL_STEPS);
    assert.deepEqual([code, report.outcome], [0, "clean"]);
    assert.ok(lines.includes("came to its end") && !lines.includes("listening"));
  });

  test("with nothing to listen and no start under way it ends at once, with 0", async (t) => {
    const { code, report } = await stopWhileStarting(t, "nothing");
    assert.deepEqual([code, report.outcome, report.warnings], [0, "clean", []]);
    assert.ok(report.durationMs < report.budget.drainingMs / 2, `${report.durationMs} ms`);
  });
});

test("while it starts a service is not ready, though its servers listen", async (t) => {
  const service = lastcall({ ...QUIET, lameDuck: false, probes: true });
  t.after(() => service.abort());
  const port = await listen(service.attach(http.createServer()));
  const readiness = async (): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
  assert.equal(await readiness(), 200);
  const warm = withResolvers<string>();
  const first = service.starting(warm.promise);
  assert.equal(service.phase, "starting");
  assert.equal(await readiness(), 503);
  const second = service.starting(Promise.reject(new Error("cold")), "cache");
  await assert.rejects(second, /cold/);
  assert.equal(await readiness(), 503);
  warm.resolve("warm");
  assert.equal(await first, "warm");
  assert.equal(await readiness(), 200);
  // What failed long before is no part of the stop.
  const { outcome, tasks } = await service.drain();
  assert.deepEqual([outcome, tasks], ["clean", []]);
});

test("a server that listens is not ready between a start and the server that comes after it", async (t) => {
  const service = lastcall({ ...QUIET, lameDuck: false });
  t.after(() => service.abort());
  const phases: string[] = [];
  service.on("phase", ({ to }) => phases.push(to));
  const start = service.starting(listen(service.attach(http.createServer())));
  await start;
  const late = service.attach(http.createServer());
  await new Promise(setImmediate);
  assert.deepEqual(phases, []);
  await listen(late);
  assert.deepEqual(phases, ["ready"]);
});

test("what is no promise, and a name that is none, are refused", () => {
  const service = lastcall(QUIET);
  const code = "ERR_LASTCALL_ARGUMENT";
  assert.throws(() => void service.starting(undefined as never), { code });
  assert.throws(() => void service.starting(Promise.resolve(), ""), { code });
  service.uninstall();
});
