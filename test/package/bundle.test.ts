// A program that is put into one file with the library, as services for functions and containers often are.
import assert from "node:assert/strict";
import { buildSync, type Format } from "esbuild";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test, type TestContext } from "node:test";

import { evaluate, root, temporaryFolder } from "./project.js";

/** Bundles a program for Node and runs it. */
function run(t: TestContext, contents: string, format: Format): string {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: root, loader: "js" },
    bundle: true,
    platform: "node",
    format,
    write: false,
    logLevel: "silent",
  });
  const folder = temporaryFolder(t);
  const name = format === "cjs" ? "bundle.cjs" : "bundle.mjs";
  writeFileSync(path.join(folder, name), outputFiles[0]?.contents ?? "");
  const { stdout, stderr } = evaluate("module", `await import(process.cwd() + "/${name}")`, folder);
  return stdout + stderr;
}

const SERVICE = `
  import http from "node:http";
  import { lastcall } from "lastcall";
  const service = lastcall({ signals: false, report: false, lameDuck: false });
  const server = service.attach(http.createServer((_, res) => res.end("ok")));
  server.listen(0, "127.0.0.1", async () => {
    const answer = await fetch("http://127.0.0.1:" + server.address().port);
    console.log(await answer.text(), (await service.drain()).outcome);
  });`;

for (const format of ["cjs", "esm"] as const) {
  test(`a bundle of format ${format} serves and drains`, (t) => {
    assert.equal(run(t, SERVICE, format), "ok clean\n");
  });
}

test("negative control: a bundle that is CommonJS has no folder of its modules", (t) => {
  assert.equal(run(t, "console.log(import.meta.dirname);", "cjs"), "undefined\n");
});
