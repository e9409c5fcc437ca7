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

// Jest before Node 24.9, and bundlers' own require(), do without Node's way to require an ES module.
const NO_ESM = "--no-experimental-require-module";

test("what is required needs no ES module", (t) => {
  if (!process.allowedNodeEnvironmentFlags.has(NO_ESM)) {
    t.skip("this Node cannot turn it off");
    return;
  }
  const folder = installed(t);
  const names = JSON.stringify(specifiers);
  const required = evaluate(
    "commonjs",
    `for (const name of ${names}) require(name); console.log("all")`,
    folder,
    [],
    [NO_ESM],
  );
  assert.equal(required.stdout, "all\n", required.stderr);
  assert.equal(required.stderr, "");

  const file = path.join(folder, "node_modules", "lastcall", "dist", "index.js");
  const control = evaluate("commonjs", `require(${JSON.stringify(file)})`, folder, [], [NO_ESM]);
  assert.match(control.stderr, /ERR_REQUIRE_ESM/);
});

test("prove() that was required starts its load and says what it saw", (t) => {
  const source = `
    const { prove } = require("lastcall/prove");
    const server = 'require("node:http").createServer((_, res) => res.end("ok")).listen(process.env.PORT)';
    const command = [process.execPath, "--eval", server];
    prove({ command, warmup: 100, lag: 100, grace: 5_000 }).then(
      ({ verdict, requests }) => console.log(verdict, requests.ok > 0),
      (error) => console.log(error),
    );`;
  const outcome = evaluate("commonjs", source, installed(t));
  assert.equal(outcome.stdout, "fail true\n", outcome.stderr);
});

test("negative control: a module with a top-level await cannot be required", (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(path.join(folder, "slow.mjs"), "await null; export const x = 1;\n");
  const outcome = evaluate("commonjs", `require("./slow.mjs")`, folder);
  assert.notEqual(outcome.status, 0);
  assert.match(outcome.stderr, /ERR_REQUIRE_ASYNC_MODULE/);
});
