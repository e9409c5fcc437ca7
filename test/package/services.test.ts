import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

const script = path.join(import.meta.dirname, "../../../scripts/services.mjs");

test("the suites with servers fail where a server is missing, and name its package", (t) => {
  const PATH = mkdtempSync(path.join(os.tmpdir(), "lastcall-path-"));
  t.after(() => rmSync(PATH, { recursive: true }));

  const { status, stderr } = spawnSync(process.execPath, [script], {
    env: { ...process.env, PATH },
    encoding: "utf8",
  });

  assert.equal(status, 1);
  assert.match(stderr, /^Missing: apt-get install .*\bkcat\n$/);
});
