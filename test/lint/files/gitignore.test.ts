// What git itself ignores, git is asked.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { matchesGlob } from "#src/lint/files/gitignore.js";
import { walk } from "#src/lint/files/walk.js";

const PATTERNS = [
  "build",
  "build/",
  "/build",
  "*.log",
  "!keep.log",
  "a/*.yaml",
  "a/**/z.yaml",
  "**/tmp",
  "docs/**",
  "x?.js",
  "[ab].js",
  "[!ab].js",
  "# comment",
  "\\#hash",
  "trailing ",
  "deep/er/",
  "*.yaml",
  "!a/b.yaml",
  "",
];
const FILES = [
  "build/x.js",
  "src/build/y.js",
  "one.log",
  "keep.log",
  "a/b.yaml",
  "a/b/c/z.yaml",
  "a/z.yaml",
  "q/tmp/r",
  "docs/i/j.md",
  "xy.js",
  "x.js",
  "a.js",
  "c.js",
  "#hash",
  "trailing",
  "deep/er/f",
  "top.yaml",
  "src/top.yaml",
];

test("a .gitignore means what it means to git, pattern by pattern and all together", (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-git-"));
  t.after(() => rmSync(folder, { recursive: true }));
  execFileSync("git", ["init", "-q", folder]);
  for (const file of FILES) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), "");
  }
  let ignored = 0;
  for (const lines of [...PATTERNS.map((one) => [one]), PATTERNS, PATTERNS.toReversed()]) {
    writeFileSync(path.join(folder, ".gitignore"), lines.join("\n"));
    const listed = spawnSync("git", ["-C", folder, "ls-files", "-oz", "--exclude-standard"], {
      encoding: "utf8",
    });
    const theirs = listed.stdout.split("\0").filter((file) => file !== "");
    assert.deepEqual([...walk(folder).files].toSorted(), theirs.toSorted(), JSON.stringify(lines));
    ignored += FILES.length + 1 - theirs.length;
  }
  assert.ok(ignored > PATTERNS.length, "most patterns ignore something");
});

test("a glob of a configuration covers what lies in the folder that it names", () => {
  assert.ok(matchesGlob("deploy/internal/**", "deploy/internal/a/b.yaml"));
  assert.ok(matchesGlob("deploy", "deploy/a.yaml"));
  assert.ok(!matchesGlob("deploy/internal/**", "deploy/external/b.yaml"));
});

test("a walk ends at its bounds, and says so", (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-walk-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ["a", "b", "c"]) writeFileSync(path.join(folder, name), "");
  mkdirSync(path.join(folder, "d", "e"), { recursive: true });
  writeFileSync(path.join(folder, "d", "e", "f"), "");
  const bounds = { files: 100, depth: 10, time: 10_000 };
  assert.equal(walk(folder, bounds).files.length, 4);
  assert.equal(walk(folder, bounds).skipped.length, 0);
  const few = walk(folder, { ...bounds, files: 2 });
  assert.deepEqual([few.files, few.skipped.length], [["a", "b"], 1]);
  assert.deepEqual(walk(folder, { ...bounds, depth: 1 }).skipped, [
    { file: "d/e", why: "it lies deeper than 1 folders" },
  ]);
});
