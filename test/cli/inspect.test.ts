import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test, type TestContext } from "node:test";
import type { ProveResult } from "#src/prove/index.js";
import { checkSchema } from "../harness/result-schema.js";
import { root } from "../package/project.js";
import { compiledFixture } from "../prove/inspect/inspect-fixture.js";

const SHORT = [
  "--warmup",
  "100ms",
  "--lag",
  "100ms",
  "--grace",
  "800ms",
  "--inspect-wait",
  "200ms",
];
const FEW = ["--clients", "pool=1,fresh=1,slow=1,idle=0,silent=0,half-head=0"];

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runProve(cli: string, args: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, [cli, "prove", ...SHORT, ...FEW, ...args]);
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const [code] = (await once(child, "close")) as [number];
  return { code, ...output };
}

/** The package in a folder with a space in its name. */
async function install(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "lastcall installed "));
  t.after(() => rm(folder, { recursive: true }));
  await cp(path.join(root, "dist"), path.join(folder, "dist"), { recursive: true });
  await cp(path.join(root, "package.json"), path.join(folder, "package.json"));
  return path.join(folder, "dist", "cli", "main.js");
}

describe("prove --inspect", { concurrency: true }, () => {
  test("a handler that ignores its client's leaving → finding with its line, exit 1", async (t) => {
    const cli = await install(t);
    const service = ["--", process.execPath, compiledFixture("gives-up")];
    const run = await runProve(cli, ["--inspect", "--slow", "GET /ignores", "--json", ...service]);
    assert.equal(run.code, 1, run.stderr);
    const result = JSON.parse(run.stdout) as ProveResult;
    checkSchema(result);
    assert.deepEqual(result.inspection?.faults, []);
    const finding = result.findings.find(({ id }) => id === "handler/ignores-abort");
    assert.match(
      finding?.what ?? "",
      /^GET \/ignores: setTimeout at test\/fixtures\/inspect\/gives-up\.ts:\d+:\d+ lived 0\.\d+ s after its client left$/,
    );
    assert.equal(finding?.evidence[0]?.source?.file, "test/fixtures/inspect/gives-up.ts");
  });

  test("a service that is no Node process → one clear sentence, exit 3", async () => {
    const cli = path.join(root, "dist", "cli", "main.js");
    const hidden = ["env", "-u", "NODE_OPTIONS", process.execPath, compiledFixture("gives-up")];
    const run = await runProve(cli, ["--inspect", "--", ...hidden]);
    assert.equal(run.code, 3, run.stderr);
    assert.match(run.stdout, /^ {2}inspect: no Node process answered$/m);
    assert.match(run.stdout, /NO VERDICT: the service was not inspected$/m);

    const without = await runProve(cli, ["--json", "--", ...hidden]);
    assert.notEqual(without.code, 3, "(control: nobody asked)");
    assert.equal((JSON.parse(without.stdout) as ProveResult).inspection, null);
  });
});
