// A service that listens on a Unix socket: started with its path in PORT, pointed at, and replaced under load.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { CannotRunError, prove, type ProveOptions, type ProveResult } from "#src/prove/index.js";
import { hasListener } from "#src/prove/machine/listening.js";
import { unixSocket } from "#src/prove/request/address.js";
import { parseUrl } from "#src/prove/request/url.js";
import { isListening } from "#src/prove/subject/answer.js";
import { unlessStalled } from "../../harness/unless-stalled.js";
import { criterionOf, pathOf } from "../prove-fixture.js";

const LOAD = {
  warmup: 100,
  lag: 300,
  grace: 5_000,
  clients: { pool: 6, fresh: 3, slow: 2, idle: 2, silent: 1, "half-head": 1 },
} as const;
const LINUX = process.platform === "linux" ? {} : { skip: "sockets are listed on Linux alone" };

function socketIn(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-unix-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, "app.sock");
}

function run(options: ProveOptions): Promise<ProveResult> {
  return unlessStalled(
    () => prove({ ...LOAD, ...options }),
    ({ verdict }) => verdict === "could-not-run",
  );
}

test("unix: a URL of a path", () => {
  assert.deepEqual(parseUrl("unix:/run/app.sock"), {
    address: unixSocket("/run/app.sock"),
    isTls: false,
    path: "/",
  });
  assert.equal(parseUrl("unix:app.sock"), undefined);
});

test("unix: a service that stops in order passes, and its listener is watched", async (t) => {
  const file = socketIn(t);
  // The listener is looked at every few milliseconds: a machine that stalls may miss it between its close and the exit.
  const isMissed = ({ trials }: ProveResult): boolean =>
    process.platform === "linux" && trials[0]?.stops[0]?.timeline.listenerClosedMs === null;
  const command = [process.execPath, pathOf("stops-correctly")];
  const result = await unlessStalled(() => run({ url: `unix:${file}`, command }), isMissed);
  assert.equal(result.verdict, "pass", JSON.stringify(result.findings));
  assert.ok(!isMissed(result));
});

test("control: one that exits at the signal fails for that", async (t) => {
  const result = await run({
    url: `unix:${socketIn(t)}`,
    command: [process.execPath, pathOf("exits-at-once")],
  });
  assert.deepEqual(
    result.findings.map(({ id }) => id),
    ["exit/at-once"],
  );
});

test(
  "unix: a process that runs already is pointed at, and its listener found",
  LINUX,
  async (t) => {
    const file = socketIn(t);
    const child = spawn(process.execPath, [pathOf("stops-correctly")], {
      env: { ...process.env, PORT: file },
      stdio: "ignore",
    });
    t.after(() => child.kill("SIGKILL"));
    while (!(await isListening(unixSocket(file)))) {
      assert.equal(child.exitCode, null);
      await sleep(20);
    }
    assert.equal(await hasListener(file), true);
    assert.equal(await hasListener(`${file}.other`), false);
    const result = await run({ url: `unix:${file}`, pid: child.pid ?? 0 });
    assert.equal(criterionOf(result, "dropped requests").passed, true);
  },
);

test("unix: no file there is a refusal, and a taken one is refused", async (t) => {
  const file = socketIn(t);
  const started = prove({ url: `unix:${file}`, during: "true", startTimeout: 300 });
  await assert.rejects(started, (error) => {
    assert.ok(error instanceof CannotRunError);
    assert.ok(error.message.startsWith(`${file} did not answer within 0.3 s`), error.message);
    return true;
  });
});

const SERVES = fileURLToPath(new URL("../../fixtures/unix.js", import.meta.url));

/** Loads a socket while a successor takes its file over and the old instance, which ends like that, is told to stop. */
async function replace(
  t: TestContext,
  ending: string,
): Promise<{ result: ProveResult; hasFile: boolean }> {
  const file = socketIn(t);
  const old = spawn(process.execPath, [SERVES, file, "old", ending], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  t.after(() => old.kill("SIGKILL"));
  await once(old.stdout, "data");
  const during = [
    `"${process.execPath}" "${SERVES}" ${file}.next next >${file}.log 2>&1 & echo $! >${file}.pid`,
    `until grep -q listening ${file}.log; do sleep 0.05; done`,
    `mv ${file}.next ${file}`,
    `kill -TERM ${String(old.pid)}`,
    "sleep 1",
  ].join("; ");
  const result = await prove({
    url: `unix:${file}`,
    during,
    tail: 300,
    warmup: 100,
    rtt: 0,
    clients: { pool: 0, fresh: 4 },
  });
  process.kill(Number(readFileSync(`${file}.pid`, "utf8")), "SIGKILL");
  return { result, hasFile: existsSync(file) };
}

test("unix: a file that a successor has outlives the old instance, and no connection is lost", async (t) => {
  const { result, hasFile } = await replace(t, "");
  assert.equal(result.verdict, "pass", JSON.stringify(result.findings));
  assert.equal(hasFile, true);
});

test("control: an old instance that takes its successor's file with it is found", async (t) => {
  const { result, hasFile } = await replace(t, "plain");
  assert.equal(result.verdict, "fail");
  assert.deepEqual(
    result.findings.map(({ id }) => id),
    ["rollout/gap"],
  );
  assert.equal(hasFile, false);
});
