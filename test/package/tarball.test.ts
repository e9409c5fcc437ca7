import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { manifest, type Manifest, packedFiles, read } from "./project.js";

const required = [
  "package.json",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "docs/prove-result.schema.json",
  // The page's script and style, which no source map leads to: `--html` reads them.
  "dist/prove/render/html/main.js",
  "dist/prove/render/html/style.css",
  "src/prove/render/html/main.ts",
  "dist/index.js",
];
const allowed =
  /^((dist|src)\/.+|README\.md|LICENSE|CHANGELOG\.md|package\.json|docs\/prove-result\.schema\.json)$/;

function contentFaults(files: readonly string[]): string[] {
  return [
    ...required.filter((file) => !files.includes(file)).map((file) => `missing: ${file}`),
    ...files.filter((file) => !allowed.test(file)).map((file) => `not wanted: ${file}`),
    ...files.filter((file) => /\.test\.|(^|\/)test\//.test(file)).map((file) => `a test: ${file}`),
  ];
}

function exportFaults(exports: Manifest["exports"], files: readonly string[]): string[] {
  const faults: string[] = [];
  for (const [subpath, target] of Object.entries(exports)) {
    const conditions = typeof target === "string" ? { default: target } : target;
    const names = Object.keys(conditions);
    if (!subpath.endsWith(".json") && names[0] !== "types") {
      faults.push(`${subpath}: types is not first`);
    }
    if (names.at(-1) !== "default") faults.push(`${subpath}: default is not last`);
    for (const file of Object.values(conditions)) {
      if (!files.includes(path.posix.normalize(file))) faults.push(`${subpath}: no ${file}`);
    }
  }
  return faults;
}

const files = packedFiles();

test("the tarball holds the library, its sources and its papers, and no test", () => {
  assert.deepEqual(contentFaults(files), []);
});

test("negative control: a test, a stray file and a missing paper are seen", () => {
  assert.deepEqual(contentFaults([...required.slice(0, -1), "dist/a.test.js", "bench/x.js"]), [
    "missing: dist/index.js",
    "not wanted: bench/x.js",
    "a test: dist/a.test.js",
  ]);
});

test("every export puts its types first, and its files are packed", () => {
  assert.deepEqual(exportFaults(manifest.exports, files), []);
});

test("negative control: types in second place and absent files are seen", () => {
  const exports = { "./x": { default: "./dist/x.js", types: "./dist/x.d.ts" } };
  assert.deepEqual(exportFaults(exports, ["dist/x.js"]), [
    "./x: types is not first",
    "./x: default is not last",
    "./x: no ./dist/x.d.ts",
  ]);
});

test("every command is packed and starts with a shebang", () => {
  for (const file of Object.values(manifest.bin)) {
    assert.ok(files.includes(path.posix.normalize(file)), `${file} is not packed`);
    assert.match(read(file), /^#!\/usr\/bin\/env node\n/, file);
  }
});

test("source maps lead to sources that are packed", () => {
  const maps = files.filter((file) => file.endsWith(".map"));
  assert.notEqual(maps.length, 0);
  for (const map of maps) {
    const { sources } = JSON.parse(read(map)) as { sources: string[] };
    for (const source of sources) {
      const file = path.posix.join(path.posix.dirname(map), source);
      assert.ok(files.includes(file), `${map} leads to ${file}, which is not packed`);
    }
  }
});
