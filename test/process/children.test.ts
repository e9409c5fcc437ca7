import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { test, type TestContext } from "node:test";

import { Program } from "../harness/program.js";
import { connect } from "../harness/wire.js";

/** Signals a service's whole process group while a request is in flight; resolves to what its report says of children. */
async function signalGroup(t: TestContext, how: string): Promise<string[]> {
  const file = path.join(import.meta.dirname, "..", "fixtures", "children.js");
  const child = spawn(process.execPath, [file, how], { detached: true });
  const program = new Program(child);
  const { pid = 0 } = child;
  t.after(() => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // None of it is left.
    }
  });
  const client = await connect({ port: await program.port() });
  await client.get("/");
  await program.says(/in flight/);
  process.kill(-pid, "SIGTERM");
  assert.equal((await client.response()).body, "answered");
  assert.equal((await program.exit).code, 0);
  const died = program.report.warnings.filter(({ code }) => code === "child-died");
  return died.map(({ message }) => message);
}

test("a child in the same process group dies of its signal: the report names it", async (t) => {
  const [message, ...others] = await signalGroup(t, "attached");
  assert.match(
    message ?? "",
    /^Child process `sh -c .*sleep 30` \(pid \d+\) died of SIGTERM when SIGTERM came: .*`detached: true`/,
  );
  assert.deepEqual(others, []);
});

test("a child that ends with a code of its own on the signal is named too", async (t) => {
  const [message] = await signalGroup(t, "own code");
  assert.match(message ?? "", /\(pid \d+\) ended with code 255 when SIGTERM came/);
});

for (const how of ["detached", "killed by the program"]) {
  test(`(control: ${how}) a child is not named`, async (t) => {
    assert.deepEqual(await signalGroup(t, how), []);
  });
}
