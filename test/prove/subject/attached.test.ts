// Pointing at what runs already: its process is told, or a command tells it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CannotRunError, prove, type ProveOptions, type ProveResult } from "#src/prove/index.js";
import { startTimeOf } from "#src/prove/machine/group.js";
import { findFreePort } from "#src/prove/machine/port.js";
import { loopback } from "#src/prove/request/address.js";
import { isListening } from "#src/prove/subject/answer.js";
import { criterionOf, pathOf } from "../prove-fixture.js";

const CLIENTS = { pool: 8, fresh: 2, slow: 1, idle: 2, silent: 1, "half-head": 1 };
const SHORT = { warmup: 50, lag: 100, clients: CLIENTS };

interface Running {
  readonly pid: number;
  readonly port: number;
  /** A process that listens nowhere. */
  readonly without: number;
}

/** A fixture that runs before anybody proves it, and is ended with the test. */
async function run(t: TestContext, fixture: string, env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const port = await findFreePort();
  const without = spawn("sleep", ["60"]);
  const child = spawn(process.execPath, [pathOf(fixture)], {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: "ignore",
  });
  t.after(() => [child, without].map((each) => each.kill("SIGKILL")));
  while (!(await isListening(loopback(port)))) await sleep(10);
  return { pid: child.pid ?? 0, port, without: without.pid ?? 0 };
}

function exitOf(result: ProveResult): NonNullable<ProveResult["trials"][number]["stops"][0]> {
  const stop = result.trials[0]?.stops[0];
  assert.ok(stop);
  return stop;
}

const cases: [string, (running: Running) => ProveOptions, CannotRunError["code"], RegExp][] = [
  [
    "a stop command that fails",
    ({ port }) => ({ stopWith: "echo no such unit; exit 5", port }),
    "PROVE_STOP_FAILED",
    /^`echo .*`, which should stop the service, exited with code 5\. Its last output:\nno such unit$/,
  ],
  [
    "a process that ends before it is told to",
    ({ pid, port }) => ({ pid, port, warmup: 60_000 }),
    "PROVE_EXITED_EARLY",
    /^process \d+ \(.*\) ended before it was told to$/,
  ],
  [
    "a process that does not exist",
    () => ({ pid: 2 ** 22 + 1 }),
    "PROVE_CANNOT_START",
    /^process 4194305 does not exist$/,
  ],
  [
    "the prover itself",
    () => ({ pid: process.pid }),
    "PROVE_CANNOT_START",
    /^process \d+ is the prover itself$/,
  ],
  [
    "a process without a port",
    ({ without }) => ({ pid: without }),
    "PROVE_CANNOT_START",
    /^process \d+ listens on no port that can be seen: say where with --url or --port$/,
  ],
];
describe("what runs already", { concurrency: 4 }, () => {
  test("--pid: a correct stop passes, and what nobody's parent can know is null", async (t) => {
    const { pid, port } = await run(t, "stops-correctly", { LAME_DUCK_MS: "400" });
    const result = await prove({ pid, ...SHORT });
    assert.equal(result.verdict, "pass");
    assert.equal(result.subject, `process ${String(pid)}`);
    assert.deepEqual(result.notes, [`process ${String(pid)} listens on 127.0.0.1:${String(port)}`]);
    const { exit, signal, inFlightAtSignal } = exitOf(result);
    assert.deepEqual([exit.code, exit.signal, exit.killed, exit.running], [null, null, null, null]);
    assert.ok((exit.afterSignalMs ?? 0) >= 390);
    assert.equal(signal, "SIGTERM");
    assert.notEqual(inFlightAtSignal, null);
    assert.equal(criterionOf(result, "exit code").passed, null);
    assert.match(criterionOf(result, "exit code").measured, /^not known: /);
  });

  test("--pid, control: a plain `server.close()` loses requests there too", async (t) => {
    const { pid, port } = await run(t, "plain-close");
    const result = await prove({ pid, port, ...SHORT, lag: 400, grace: 1_000 });
    assert.equal(result.verdict, "fail");
    assert.equal(criterionOf(result, "dropped requests").passed, false);
  });

  test("--pid: what does not stop is left running, unless --kill says otherwise", async (t) => {
    const { pid, port } = await run(t, "never-exits");
    const options = { pid, url: `http://127.0.0.1:${String(port)}`, ...SHORT, grace: 400 };
    const left = await prove(options);
    assert.equal(left.verdict, "fail");
    const time = criterionOf(left, "time from signal to exit");
    assert.match(time.measured, /^still running at the end of the grace period; kept open by: /);
    assert.notEqual(exitOf(left).exit.running, null);
    assert.notEqual(startTimeOf(pid), undefined, "it was left alone");
    const killed = await prove({ ...options, kill: true });
    assert.notEqual(exitOf(killed).exit.killed, null);
    assert.equal(startTimeOf(pid), undefined, "it was ended");
  });

  test("--signal-with: a command makes it stop, and without a process its end is not guessed", async (t) => {
    const { pid, port } = await run(t, "stops-correctly", { LAME_DUCK_MS: "400" });
    const stopWith = `kill -TERM ${String(pid)}`;
    const result = await prove({ stopWith, url: `http://127.0.0.1:${String(port)}`, ...SHORT });
    assert.equal(result.verdict, "pass");
    const { exit, signal, inFlightAtSignal, timeline } = exitOf(result);
    assert.deepEqual(
      [exit.code, exit.afterSignalMs, exit.killed, exit.running],
      Array(4).fill(null),
    );
    assert.deepEqual([signal, inFlightAtSignal, timeline.exitMs], [null, null, null]);
    assert.deepEqual(result.notes, []);
    for (const name of ["exit code", "time from signal to exit"]) {
      assert.equal(criterionOf(result, name).passed, null);
    }
  });

  test("--signal-with and --pid: the command tells, the process is watched", async (t) => {
    const { pid, port } = await run(t, "stops-correctly", { LAME_DUCK_MS: "400" });
    const result = await prove({ stopWith: `kill -TERM ${String(pid)}`, pid, port, ...SHORT });
    assert.equal(result.verdict, "pass");
    assert.ok((exitOf(result).exit.afterSignalMs ?? 0) >= 390);
  });

  test("--signal-with: where something goes on accepting, a note says that nothing was seen to stop", async (t) => {
    const { port } = await run(t, "never-exits");
    const result = await prove({ stopWith: "true", port, ...SHORT, grace: 300 });
    assert.match(result.notes[0] ?? "", /whether anything stopped cannot be seen without --pid$/);
  });

  for (const [what, point, code, message] of cases) {
    test(`${what} → could not run`, async (t) => {
      const running = await run(t, "never-exits");
      const options = { ...SHORT, ...point(running) };
      const onProgress: ProveOptions["onProgress"] = ({ phase, load }) => {
        if (phase === "loading" && load !== null && options.warmup > 10_000) {
          process.kill(running.pid, "SIGKILL");
        }
      };
      await assert.rejects(prove({ ...options, onProgress }), (error: unknown) => {
        assert.ok(error instanceof CannotRunError);
        assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
        return true;
      });
    });
  }
});
