import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { startAuto, type Way } from "../harness/auto.js";
import type { Program } from "../harness/program.js";
import { connect } from "../harness/wire.js";

/** A request to each of the two servers is in flight when SIGTERM comes. */
async function stop(program: Program): Promise<string[]> {
  const server = await connect({ port: await program.port() });
  const other = await connect({ port: Number((await program.says(/other (\d+)/))[1]) });
  for (const client of [server, other]) await client.get("/slow");
  await program.says(/in flight server/);
  await program.says(/in flight other/);
  program.kill("SIGTERM");
  const answers = [server, other].map((client) =>
    client.response().then(
      ({ body }) => body,
      () => "lost",
    ),
  );
  return Promise.all(answers);
}

suite("a program with a service of its own", { concurrency: 2 }, () => {
  for (const when of ["before", "after"]) {
    test(`made ${when} the servers listen: it is the only one, and the other server joins it`, async (t) => {
      const program = startAuto(t, "import", ["own.mjs", when]);
      assert.deepEqual(await stop(program), ["whole", "whole"]);
      assert.deepEqual(await program.exit, { code: 0, signal: null });
      assert.equal(program.stderr.match(/"lastcall":"drain"/g)?.length, 1);
      assert.equal(program.report.service, "own");
      assert.equal(program.report.requests.inFlight, 2);
    });

    test(`(control: ${when}, as it is) what is in flight on the other is lost`, async (t) => {
      const program = startAuto(t, "bare", ["own.mjs", when]);
      assert.deepEqual(await stop(program), ["whole", "lost"]);
    });
  }

  for (const [way, expected] of [
    ["import", "the process dies of it"],
    ["bare", "the process dies of it"],
  ] as const satisfies (readonly [Way, string])[]) {
    test(`SIGINT, which its own service does not want, ${way}: ${expected}`, async (t) => {
      const program = startAuto(t, way, ["own.mjs", "after"]);
      await program.port();
      program.kill("SIGINT");
      assert.deepEqual(await program.exit, { code: null, signal: "SIGINT" });
    });
  }
});
