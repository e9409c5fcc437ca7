import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";

import { RULES } from "#src/lint/rules/catalogue.js";
import { CATALOGUE } from "#src/prove/findings/catalogue.js";
import { manifest, type Manifest, packedFiles, read, type Target } from "./project.js";

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
  // No import leads to it: `lastcall/auto` loads it at the first `listen()`.
  "dist/auto/serve.cjs",
  "dist/lastcall/index.js",
];
const allowed =
  /^((dist|src)\/.+|README\.md|LICENSE|CHANGELOG\.md|package\.json|docs\/((prove|lint)-result\.schema\.json|(findings|lint)\/.+\.md))$/;

function contentFaults(files: readonly string[]): string[] {
  return [
    ...required.filter((file) => !files.includes(file)).map((file) => `missing: ${file}`),
    ...files.filter((file) => !allowed.test(file)).map((file) => `not wanted: ${file}`),
    ...files.filter((file) => /\.test\.|(^|\/)test\//.test(file)).map((file) => `a test: ${file}`),
  ];
}

function exportFaults(exports: Manifest["exports"], files: readonly string[]): string[] {
  const faults: string[] = [];
  const check = (subpath: string, target: Target): void => {
    const names = Object.keys(target);
    if (!subpath.endsWith(".json") && names[0] !== "types") {
      faults.push(`${subpath}: types is not first`);
    }
    if (names.at(-1) !== "default") faults.push(`${subpath}: default is not last`);
    for (const file of Object.values(target)) {
      if (!files.includes(path.posix.normalize(file))) faults.push(`${subpath}: no ${file}`);
    }
  };
  for (const [subpath, target] of Object.entries(exports)) {
    if (typeof target === "string") check(subpath, { default: target });
    else for (const [kind, own] of Object.entries(target)) check(`${subpath} (${kind})`, own);
  }
  return faults;
}

const files = packedFiles();

test("the tarball holds the library, its sources and its papers, and no test", () => {
  assert.deepEqual(contentFaults(files), []);
});

test("the page that a finding names is packed", () => {
  const pages = [
    ...CATALOGUE.map(({ id }) => `docs/findings/${id.replace("/", "-")}.md`),
    ...RULES.map(({ id }) => `docs/lint/${id.replace("/", "-")}.md`),
  ];
  assert.notEqual(pages.length, 0);
  assert.deepEqual(
    pages.filter((page) => !files.includes(page)),
    [],
  );
  // As the verdict prints it, and nothing else of the documents.
  assert.ok(!files.includes("docs/prove.md"));
});

test("negative control: a test, a stray file and a missing paper are seen", () => {
  assert.deepEqual(contentFaults([...required.slice(0, -1), "dist/a.test.js", "bench/x.js"]), [
    "missing: dist/lastcall/index.js",
    "not wanted: bench/x.js",
    "a test: dist/a.test.js",
  ]);
});

test("every export puts its types first, and its files are packed", () => {
  assert.deepEqual(exportFaults(manifest.exports, files), []);
});

test("negative control: types in second place and absent files are seen", () => {
  const exports = { "./x": { require: { default: "./dist/x.js", types: "./dist/x.d.ts" } } };
  assert.deepEqual(exportFaults(exports, ["dist/x.js"]), [
    "./x (require): types is not first",
    "./x (require): default is not last",
    "./x (require): no ./dist/x.d.ts",
  ]);
});

test("what is imported is an ES module, what is required is CommonJS, and both have the same names", () => {
  const others = Object.entries(manifest.exports).filter(([subpath]) => !subpath.endsWith(".json"));
  for (const [subpath, target] of others) {
    assert.deepEqual(Object.keys(target), ["import", "require"], subpath);
    const { import: module, require: commonjs } = target as Readonly<Record<string, Target>>;
    for (const [kind, file = ""] of Object.entries(module ?? {})) {
      assert.equal(commonjs?.[kind], file.replace("./dist/", "./dist/cjs/"), subpath);
    }
  }
  assert.deepEqual(JSON.parse(read("dist/cjs/package.json")), { type: "commonjs" });
});

test("TypeScript's node10, which knows no exports, has types for each of them", () => {
  const { typesVersions } = JSON.parse(read("package.json")) as {
    typesVersions: Readonly<Record<"*", Readonly<Record<string, readonly string[]>>>>;
  };
  for (const subpath of Object.keys(manifest.exports)) {
    if (subpath === "." || subpath === "./package.json") continue;
    const [file = ""] = typesVersions["*"][subpath.slice(2)] ?? [];
    assert.ok(files.includes(path.posix.normalize(file)), `${subpath}: ${file}`);
  }
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
