import assert from "node:assert/strict";
import { suite, test, type TestContext } from "node:test";

import { QUICK, startAuto, stopInFlight, type Way } from "../harness/auto.js";
import type { Program } from "../harness/program.js";
import { connect } from "../harness/wire.js";

interface Stopped {
  readonly program: Program;
  /** What the client saw, and how the program ended. */
  readonly end: string;
}

/** A request is in flight when SIGTERM comes. */
async function stop(
  t: TestContext,
  way: Way,
  does: string,
  env: NodeJS.ProcessEnv = QUICK,
): Promise<Stopped> {
  const program = startAuto(t, way, ["server.mjs", "http", does], env);
  const [answer, end] = await stopInFlight(program);
  return { program, end: `${answer?.body ?? "lost"}, ${end}` };
}

suite("the program's own listeners of SIGTERM", { concurrency: 4 }, () => {
  for (const [does, expected] of [
    ["exits", "whole, 0"],
    ["once", "whole, 0"],
    ["late", "whole, 0"],
    ["closes", "whole, 0"],
    ["async", "whole, 0"],
    ["both", "whole, 0"],
    ["counts", "whole, 0"],
    ["tells", "whole, 0"],
    // What says that a signal ended it, and no more.
    ["exits-143", "whole, 0"],
    // What says that something went wrong.
    ["exits-3", "whole, 3"],
    ["throws", "whole, 1"],
    ["removes-all", "whole, 0"],
    ["removes-whole", "whole, 0"],
    ["removes-each", "whole, 0"],
    ["removes-first", "whole, 0"],
    ["asks-node", "whole, 0"],
  ] as const) {
    test(`${does}: held back until what is in flight is answered`, async (t) => {
      const { program, end } = await stop(t, "import", does);
      assert.equal(end, expected, program.stderr);
      assert.equal(program.report.exitCode, Number(expected.split(" ")[1]));
      assert.doesNotMatch(program.stderr, /foreign-/);
    });
  }

  for (const does of [
    "exits",
    "once",
    "tells",
    "late",
    "exits-143",
    "exits-3",
    "throws",
    "counts",
  ]) {
    test(`(control: ${does}, as it is) what is in flight is lost`, async (t) => {
      assert.match((await stop(t, "bare", does)).end, /^lost, /);
    });
  }

  for (const [does, first] of [
    ["tells", "told"],
    ["both", "answered"],
  ] as const) {
    test(`${does === "both" ? "(control) " : ""}one that a launcher waits for is called at once, and ends nothing: ${does}`, async (t) => {
      const program = startAuto(t, "import", ["server.mjs", "http", does]);
      const client = await connect({ port: await program.port() });
      await client.get("/slow");
      await program.says(/in flight/);
      program.kill("SIGTERM");
      const answered = client.response().then(({ body }) => {
        assert.equal(body, "whole");
        return "answered";
      });
      const told = program.says(/told|listener first/).then(() => "told");
      assert.equal(await Promise.race([answered, told]), first);
      await answered;
      assert.equal((await program.exit).code, 0);
    });
  }

  for (const does of ["rejects", "throws-reported"]) {
    test(`what reports errors of the program hears of one of a listener, too: ${does}`, async (t) => {
      for (const way of ["import", "bare"] as const) {
        const { program, end } = await stop(t, way, does);
        assert.equal(end, way === "bare" ? "lost, 1" : "whole, 1");
        assert.match(program.stdout, /^reported true$/m);
      }
    });
  }

  test("one that throws, and nothing reports it: its stack is on stderr, as without lastcall", async (t) => {
    for (const way of ["import", "bare"] as const) {
      const { program } = await stop(t, way, "throws");
      assert.match(program.stderr, /Error: a bug\n {4}at .*server\.mjs:\d+/);
    }
  });

  test("each is named in the report, with file and line, and they run in their order", async (t) => {
    const { program } = await stop(t, "import", "both");
    const { hooks } = program.report;
    assert.equal(hooks.length, 2);
    for (const { name, result } of hooks) {
      assert.match(name, /^SIGTERM listener .*test\/fixtures\/auto\/server\.mjs:\d+/);
      assert.equal(result, "done");
    }
    assert.match(program.stdout, /listener before it\nlistener first\n$/);
    assert.doesNotMatch(program.stdout, /removed/);
  });

  test("one that closes the server, which is closed already, and waits for that, is told", async (t) => {
    const { program, end } = await stop(t, "import", "waits-for-close");
    assert.equal(end, "whole, 0");
    assert.deepEqual(
      program.report.hooks.map(({ result }) => result),
      ["done"],
    );
    assert.match(program.stdout, /listener heard of the close\n$/);
  });

  test("(control: one that waits for what never comes) takes its time, and is a failure", async (t) => {
    const { program, end } = await stop(t, "import", "waits-in-vain", {
      ...QUICK,
      LASTCALL_GRACE_PERIOD: "4s",
    });
    assert.equal(end, "whole, 1");
    assert.equal(program.report.hooks[0]?.result, "timeout");
  });

  test("they see no listener of lastcall's, as they would without it", async (t) => {
    for (const way of ["import", "bare"] as const) {
      const { program } = await stop(t, way, "counts");
      assert.match(program.stdout, /counts 1 1\n/);
      assert.match(program.stdout, /listener alone: true/);
    }
  });

  test("those of a signal that is to be left alone run at once", async (t) => {
    const env = { ...QUICK, LASTCALL_KEEP_LISTENERS: "SIGTERM" };
    const { end, program } = await stop(t, "import", "exits", env);
    assert.equal(end, "lost, 1");
    assert.match(program.stderr, /foreign-exit/);
  });

  test("without a closing window they are not called, and the report says so", async (t) => {
    const env = { ...QUICK, LASTCALL_CLOSING_WINDOW: "0s" };
    const { end, program } = await stop(t, "import", "exits-3", env);
    assert.equal(end, "whole, 0");
    assert.match(program.stderr, /server\.mjs:\d+ was held back, and is not called/);
  });

  for (const way of ["import", "bare"] as const) {
    test(`a signal while no server listens, ${way}: the program dies of it`, async (t) => {
      const program = startAuto(t, way, ["server.mjs", "http", "stops-serving"]);
      await program.says(/served/);
      program.kill("SIGTERM");
      assert.deepEqual(await program.exit, { code: null, signal: "SIGTERM" });
      assert.equal(program.stderr, "");
    });
  }

  test("a second signal, later, cuts: also a listener that does not end", async (t) => {
    const program = startAuto(t, "import", ["hangs.mjs"]);
    await program.port();
    program.kill("SIGTERM");
    await program.says(/hangs/);
    await program.says(/later than the window/);
    program.kill("SIGTERM");
    assert.equal((await program.exit).code, 143);
  });
});
