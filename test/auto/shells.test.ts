import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { suite, test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";

import { execLast } from "#src/auto/shells.js";
import { preload, programs, QUICK, stopInFlight } from "../harness/auto.js";
import { follow, type Program } from "../harness/program.js";

const root = path.join(import.meta.dirname, "..", "..", "..");
const AUTO = `--import ${pathToFileURL(path.join(root, "dist", "auto", "index.js")).href}`;

/** A service that npm starts, as images often do; its own process is killed when the test is over. */
async function npm(
  t: TestContext,
  script: string,
  options: string,
): Promise<readonly [npm: Program, service: number]> {
  const [, env] = preload("bare", { ...QUICK, NODE_OPTIONS: options });
  const cwd = path.join(programs, "npm");
  let service: number | undefined;
  // An orphan keeps the output of npm open, which is waited for.
  t.after(() => service !== undefined && isAlive(service) && process.kill(service, "SIGKILL"));
  const program = follow(t, spawn("npm", ["run", script], { cwd, env }));
  const [, pid] = await program.says(/^pid (\d+)$/m);
  service = Number(pid);
  return [program, service];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

suite("a service that npm starts", () => {
  for (const script of ["start", "chained"]) {
    test(`npm run ${script}: hears of the signal, and npm ends as it does`, async (t) => {
      const [program, service] = await npm(t, script, AUTO);
      const [answer, end] = await stopInFlight(program);
      assert.deepEqual([answer?.body, end], ["whole", 0]);
      assert.equal(isAlive(service), false);
    });
  }

  for (const [script, options] of [
    ["start", ""],
    // Its shell has something left to do.
    ["compound", AUTO],
  ] as const) {
    test(`(control: npm run ${script}${options && ", with it"}) npm is gone, and the service never told`, async (t) => {
      const [program, service] = await npm(t, script, options);
      await program.port();
      const gone = once(program.child, "exit");
      program.kill("SIGTERM");
      await gone;
      assert.equal(isAlive(service), true);
    });
  }
});

test("a shell becomes the last command of its script", () => {
  const isProgram = (name: string): boolean => ["node", "next", "./run.sh"].includes(name);
  for (const [script, expected] of [
    ["node server.js", "exec node server.js"],
    ["  next start -p $PORT", "exec next start -p $PORT"],
    ["A=1 B='x y' node a.js", "A=1 B='x y' exec node a.js"],
    ["next build && node a.js", "next build && exec node a.js"],
    ['node a.js "a b" "${HOME}" \'$(x)\'', 'exec node a.js "a b" "${HOME}" \'$(x)\''],
    ["./run.sh a\\ b", "exec ./run.sh a\\ b"],
  ] as const) {
    assert.equal(execLast(script, isProgram), expected);
  }
});

test("(control) what has more to do, or is the shell's own, stays as it is", () => {
  for (const script of [
    "",
    "node a.js; true",
    "node a.js || true",
    "node a.js | cat",
    "node a.js &",
    "node a.js > log",
    "node $(cat args)",
    "node `cat args`",
    'node "$(cat args)"',
    "(node a.js)",
    "if true; then node a.js; fi",
    "cd x",
    "A=1",
    `echo ${"$A_LONG_NAME ".repeat(40)};`,
    "node a.js &&",
    "node a.js # a comment",
    "! node a.js",
  ]) {
    assert.equal(
      execLast(script, (name) => name === "node"),
      script,
    );
  }
});
