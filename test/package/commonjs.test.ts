import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { evaluate, installed, specifiers, temporaryFolder } from "./project.js";

test("require() reaches every subpath and sees what import sees", (t) => {
  const folder = installed(t);
  for (const specifier of specifiers) {
    const name = JSON.stringify(specifier);
    const types = `
      const types = {};
      for (const key of Object.keys(module)) types[key] = typeof module[key];
      console.log(JSON.stringify(types));`;
    const required = evaluate("commonjs", `{ const module = require(${name}); ${types} }`, folder);
    const imported = evaluate("module", `const module = await import(${name}); ${types}`, folder);
    assert.equal(required.status, 0, required.stderr);
    assert.equal(imported.status, 0, imported.stderr);
    assert.deepEqual(JSON.parse(required.stdout), JSON.parse(imported.stdout), specifier);
  }
});

test("require('lastcall') gives the public functions, without a warning", (t) => {
  const source = `
    const { lastcall, requestSignal } = require("lastcall");
    console.log(typeof lastcall, typeof requestSignal);`;
  const outcome = evaluate("commonjs", source, installed(t));
  assert.equal(outcome.stdout, "function function\n", outcome.stderr);
  assert.equal(outcome.stderr, "");
});

test("negative control: a module with a top-level await cannot be required", (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(path.join(folder, "slow.mjs"), "await null; export const x = 1;\n");
  const outcome = evaluate("commonjs", `require("./slow.mjs")`, folder);
  assert.notEqual(outcome.status, 0);
  assert.match(outcome.stderr, /ERR_REQUIRE_ASYNC_MODULE/);
});
