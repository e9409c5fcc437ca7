import assert from "node:assert/strict";
import { suite, test, type TestContext } from "node:test";

import { startAuto } from "../harness/auto.js";
import type { Program } from "../harness/program.js";
import { connect } from "../harness/wire.js";

interface Observed {
  readonly reason: string;
  readonly exitCode: number | string;
  readonly drain: {
    readonly waitFor: { readonly inFlight: number };
    readonly close: number;
    readonly listenersHeldBack: readonly string[];
  };
  readonly lost: {
    readonly requests: number;
    readonly inFlight: readonly { readonly method: string; readonly path: string }[];
  };
}

/** With a request in flight and a silent connection. */
async function stop(t: TestContext, env: NodeJS.ProcessEnv, does: string): Promise<Program> {
  const program = startAuto(t, "import", ["server.mjs", "http", does], env);
  const port = await program.port();
  const silent = await connect({ port });
  await silent.get("/");
  await silent.response();
  const client = await connect({ port });
  await client.get("/slow?token=secret");
  await program.says(/in flight \/slow/);
  program.kill("SIGTERM");
  await client.ended();
  await program.exit;
  return program;
}

function read({ stderr }: Program): Observed {
  const line = stderr.split("\n").find((each) => each.startsWith('{"lastcall":"observe"'));
  assert.ok(line !== undefined, stderr);
  return JSON.parse(line) as Observed;
}

const OBSERVE = { LASTCALL_MODE: "observe" };

suite("LASTCALL_MODE=observe", { concurrency: 2 }, () => {
  for (const [does, code, signal] of [
    ["nothing", null, "SIGTERM"],
    ["exits-3", 3, null],
    ["counts", null, "SIGTERM"],
  ] as const) {
    test(`${does}: the program ends as it does, and the report says what was lost`, async (t) => {
      const program = await stop(t, OBSERVE, does);
      assert.deepEqual(await program.exit, { code, signal });
      if (does === "counts") assert.match(program.stdout, /listener alone: true/);
      const { reason, exitCode, drain, lost } = read(program);
      assert.deepEqual([reason, exitCode], ["SIGTERM", code ?? signal]);
      assert.deepEqual([drain.waitFor.inFlight, drain.close, lost.requests], [1, 1, 1]);
      assert.deepEqual(
        lost.inFlight.map(({ method, path }) => `${method} ${path}`),
        ["GET /slow"],
      );
      assert.equal(drain.listenersHeldBack.length, does === "nothing" ? 0 : 1);
    });
  }

  test("(control: a program that loses nothing) nothing is lost", async (t) => {
    const program = await stop(t, OBSERVE, "closes");
    assert.deepEqual(await program.exit, { code: 0, signal: null });
    assert.equal(read(program).lost.requests, 0);
  });

  test("(control: the same with a drain) no such report", async (t) => {
    const program = await stop(t, { LASTCALL_LAME_DUCK: "false" }, "nothing");
    assert.doesNotMatch(program.stderr, /"observe"/);
    assert.equal(program.report.outcome, "clean");
  });
});
