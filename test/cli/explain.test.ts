import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { CATALOGUE } from "#src/prove/findings/catalogue.js";
import { installed } from "../package/project.js";
import { runCli } from "./run-cli.js";

test("explain: prints a finding's page, without comments and links that lead nowhere", async () => {
  const { code, stdout, stderr } = await runCli(["explain", "exit/late"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /^# exit\/late\n\n\*\*Warning\*\*: /);
  assert.match(stdout, /^## How to mend it\n/m);
  assert.doesNotMatch(stdout, /<!--|\]\(\.\.\//);
  assert.deepEqual(await runCli(["explain", "exit-late"]), { code, stdout, stderr });
});

test("explain: as it is installed from npm there is a page for each finding", (t) => {
  const main = path.join(installed(t), "node_modules", "lastcall", "dist", "cli", "main.js");
  for (const { id, cause } of CATALOGUE) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, "explain", id], {
      encoding: "utf8",
    });
    assert.equal(status, 0, `${id}: ${stderr}`);
    assert.ok(stdout.startsWith(`# ${id}\n`), id);
    assert.ok(stdout.includes(cause), id);
    const prose = stdout.replaceAll(/^```[^]*?^```$/gm, "");
    assert.doesNotMatch(prose, /<!--|\]\((?!https:)/, id);
  }
});

test("explain: its help lists every finding", async () => {
  const { code, stdout } = await runCli(["explain", "--help"]);
  assert.equal(code, 0);
  for (const { id, title } of CATALOGUE) assert.ok(stdout.includes(title), id);
});

for (const [args, message] of [
  [["exit/lat"], "got `exit/lat`: did you mean `exit/late`?"],
  [["upload"], "got `upload`: did you mean `upload/cut`?"],
  [["keepalive/x"], "got `keepalive/x`: see `lastcall explain --help`"],
  [["../package"], "got `../package`: see `lastcall explain --help`"],
  [["exit/late", "exit/late"], "got `exit/late exit/late`"],
  [[], "got none: see `lastcall explain --help`"],
] as const) {
  test(`explain: \`${args.join(" ")}\` → one sentence, exit 2`, async () => {
    assert.deepEqual(await runCli(["explain", ...args]), {
      code: 2,
      stdout: "",
      stderr: `lastcall: Expected the name of a finding such as \`inflight/cut\`, ${message}\n`,
    });
  });
}

test("explain: a part of several names suggests them all", async () => {
  const { code, stderr } = await runCli(["explain", "holds-exit"]);
  assert.equal(code, 2);
  for (const group of ["idle", "stream", "websocket"]) {
    assert.ok(stderr.includes(`\`${group}/holds-exit\``), stderr);
  }
});
