// The option `uncaughtException`: stop in order when something is thrown that nothing catches.
import assert from "node:assert/strict";
import { test } from "node:test";

import { lastcall } from "lastcall";

import { start } from "./harness/program.js";
import { QUIET } from "./harness/serve.js";
import { connect } from "./harness/wire.js";

for (const how of ["exception", "rejection"]) {
  test(`an uncaught ${how} stops the service in order: the request in flight is answered, exit 1`, async (t) => {
    const program = start(t, "fatal", ["drain", how]);
    const client = await connect({ port: await program.port() });
    await client.get("/");
    assert.equal((await client.response()).body, "answered");
    assert.deepEqual(await program.exit, { code: 1, signal: null });
    assert.match(program.stdout, /closed/);
    assert.match(program.stderr, /Uncaught and the service stops: Error: no such order\n\s+at /);
    const { outcome, reason, requests, warnings } = program.report;
    assert.deepEqual([outcome, reason, requests.unfinished], ["failed", "uncaughtException", 0]);
    assert.deepEqual(warnings, [{ code: "uncaught-exception", message: "no such order" }]);
    assert.equal(program.stderr.match(/"reason":"uncaughtException"/g)?.length, 2);
  });

  test(`(control) without the option an uncaught ${how} loses it, and runs no hook`, async (t) => {
    const program = start(t, "fatal", ["crash", how]);
    const client = await connect({ port: await program.port() });
    await client.get("/");
    await client.ended();
    assert.equal(client.text, "");
    assert.deepEqual(await program.exit, { code: 1, signal: null });
    assert.doesNotMatch(program.stdout, /closed/);
    assert.doesNotMatch(program.stderr, /"lastcall":"drain"/);
  });

  test(`a second uncaught ${how} ends the process at once, with 1`, async (t) => {
    const program = start(t, "fatal", ["drain", how, "again"]);
    const client = await connect({ port: await program.port() });
    await client.get("/");
    await client.ended();
    assert.equal(client.text, "");
    assert.deepEqual(await program.exit, { code: 1, signal: null });
    assert.match(program.stderr, /Uncaught once more, and the process ends: Error: nor such/);
    const { outcome, durationMs, budget } = program.report;
    assert.equal(outcome, "failed");
    // Long before the request would have been told to give up.
    assert.ok(durationMs < budget.drainingMs / 2, `${durationMs} ms`);
  });
}

test("a service that is uninstalled listens for exceptions no longer", () => {
  const before = process.listenerCount("uncaughtException");
  const service = lastcall({ ...QUIET, uncaughtException: "drain" });
  assert.equal(process.listenerCount("uncaughtException"), before + 1);
  service.uninstall();
  assert.equal(process.listenerCount("uncaughtException"), before);
});
