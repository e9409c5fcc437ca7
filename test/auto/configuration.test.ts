import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { suite, test, type TestContext } from "node:test";

import { readConfiguration } from "#src/auto/configuration.js";
import { parsePorts } from "#src/auto/ports.js";

import { QUICK, startAuto } from "../harness/auto.js";
import { tryConnect } from "../harness/wire.js";

function file(t: TestContext, text: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lastcall-auto-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const name = path.join(folder, "lastcall.json");
  writeFileSync(name, text);
  return name;
}

test("the environment goes before the file, and that before the defaults", (t) => {
  const LASTCALL_CONFIG = file(
    t,
    '{ "name": "shop", "gracePeriod": 20000, "lameDuck": { "max": 1000 }, "excludePorts": "9090", "mode": "observe" }',
  );
  const { settings, excludePorts, mode } = readConfiguration({
    LASTCALL_CONFIG,
    LASTCALL_GRACE_PERIOD: "10s",
  });
  assert.deepEqual(
    [settings.name, settings.gracePeriod, settings.lameDuck.max, settings.margin, mode],
    ["shop", 10_000, 1_000, 333, "observe"],
  );
  assert.deepEqual(excludePorts, [{ first: 9_090, last: 9_090 }]);
});

test("while the program serves no client is cut for standing still, unless that is asked for", () => {
  assert.equal(readConfiguration({}).settings.timeouts.sendServing, Infinity);
  const { timeouts } = readConfiguration({ LASTCALL_TIMEOUTS_SEND: "5s" }).settings;
  assert.equal(timeouts.sendServing, 5_000);
  // During the drain one is.
  assert.equal(readConfiguration({}).settings.timeouts.send, 10_000);
});

test("ports are a list of ports and ranges", () => {
  assert.deepEqual(parsePorts("80, 9000-9002"), [
    { first: 80, last: 80 },
    { first: 9_000, last: 9_002 },
  ]);
  assert.deepEqual(parsePorts([80, "90-91"]), [
    { first: 80, last: 80 },
    { first: 90, last: 91 },
  ]);
  for (const wrong of ["", "80,", "x", "9-8", "70000", 80, null]) {
    assert.equal(parsePorts(wrong), undefined, String(wrong));
  }
});

const WRONG: readonly (readonly [Record<string, string>, RegExp])[] = [
  [{ LASTCALL_GRACE_PERIOD: "25" }, /`LASTCALL_GRACE_PERIOD` to be a duration with its unit/],
  [{ LASTCALL_MODE: "obsreve" }, /`LASTCALL_MODE` to be `drain`, `observe` or `off`/],
  [{ LASTCALL_EXCLUDE_PORTS: "metrics" }, /`LASTCALL_EXCLUDE_PORTS` to be ports/],
  [{ LASTCALL_KEEP_LISTENERS: "SIGFOO" }, /`LASTCALL_KEEP_LISTENERS` to be names of signals/],
  [{ LASTCALL_PROBES: "readyz" }, /`LASTCALL_PROBES` to be `true`, `false` or the path/],
  [{ LASTCALL_CONFIG: "/no/such/file" }, /`\/no\/such\/file` of LASTCALL_CONFIG: ENOENT/],
  [
    { LASTCALL_GRACE_PERIOD: "1s", LASTCALL_LAME_DUCK_MAX: "5s" },
    /From the environment: .*LASTCALL_LAME_DUCK_MAX/,
  ],
];

suite("a wrong value", { concurrency: 4 }, () => {
  for (const [env, message] of WRONG) {
    const name = Object.keys(env).join(", ");
    test(`${name}: the program does not start, and it is named`, async (t) => {
      const program = startAuto(t, "import", ["server.mjs"], env);
      assert.deepEqual(await program.exit, { code: 78, signal: null });
      assert.match(program.stderr, message);
      assert.doesNotMatch(program.stdout, /listening/);
    });

    test(`${name}, not strict: it is named, and the program serves with the default`, async (t) => {
      const program = startAuto(t, "import", ["server.mjs"], { ...env, LASTCALL_STRICT: "0" });
      assert.equal(await tryConnect({ port: await program.port() }), "connected");
      assert.match(program.stderr, message);
      program.kill("SIGTERM");
      assert.equal((await program.exit).code, 0);
      assert.equal(program.report.budget.gracePeriodMs, 30_000);
    });
  }

  test("(control: in a program that does not serve) changes nothing", async (t) => {
    const program = startAuto(t, "import", ["script.mjs"], { LASTCALL_GRACE_PERIOD: "25" });
    assert.deepEqual(await program.exit, { code: 0, signal: null });
    assert.equal(program.stderr, "");
  });

  test("LASTCALL_MODE=off: all is as without it", async (t) => {
    const program = startAuto(t, "import", ["server.mjs"], { ...QUICK, LASTCALL_MODE: "off" });
    await program.port();
    program.kill("SIGTERM");
    assert.deepEqual(await program.exit, { code: null, signal: "SIGTERM" });
    assert.equal(program.stderr, "");
  });
});
