import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import type { ProveResult, RequestRow } from "#src/prove/index.js";
import { fromColumns } from "#src/prove/render/page/columns.js";
import type { PageData } from "#src/prove/render/page/data.js";
import { checkSchema, findSchemaFaults } from "../harness/result-schema.js";
import { findSarifFaults, readSarif } from "../harness/sarif-schema.js";
import { commandOf } from "../prove/prove-fixture.js";
import { runCli } from "./run-cli.js";

const QUICK = ["prove", "--warmup", "100ms", "--lag", "200ms"];

interface Files {
  readonly options: string[];
  readonly env: NodeJS.ProcessEnv;
  read(name: "ledger" | "junit" | "sarif" | "html" | "summary" | "output"): string;
}

/** Every file that a run can be asked to write. */
function askForAll(t: TestContext): Files {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = (name: string): string => path.join(folder, name);
  return {
    options: ["ledger", "junit", "sarif", "html", "output"].flatMap((name) => [
      `--${name}`,
      file(name),
    ]),
    env: { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: file("summary") },
    read: (name) => readFileSync(file(name), "utf8"),
  };
}

test("outputs: one run, written in every form at once, and all agree", async (t) => {
  const files = askForAll(t);
  const args = [...QUICK, "--json", ...files.options, "--", ...commandOf("exits-at-once")];
  const run = await runCli(args, files.env);
  assert.equal(run.code, 1, `${run.stderr}${run.stdout.slice(0, 2_000)}`);
  const result = JSON.parse(run.stdout) as ProveResult;
  checkSchema(result);
  assert.ok(result.findings.length > 0);

  const page = readData(files.read("html"));
  const rows = files
    .read("ledger")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RequestRow);
  const drawn = page.views.flatMap(({ requests }) => fromColumns(requests));
  assert.deepEqual(
    drawn.map(({ id, outcome, endMs }) => [id, outcome, endMs]),
    rows.map(({ id, outcome, endMs }) => [id, outcome, endMs]),
  );

  assert.match(
    files.read("output"),
    /^\d{4}-\d\d-\d\dT[\d:.]+Z 1\.0 prove {2}is told to stop\n\S+ 1\.0 prove {2}has ended$/m,
  );

  const [first] = result.findings;
  assert.match(files.read("junit"), new RegExp(`name="${first?.id ?? ""}"><failure`));
  const sarif = files.read("sarif");
  assert.deepEqual(findSarifFaults(sarif), []);
  assert.deepEqual(
    readSarif(sarif).results.map(({ ruleId, level }) => [ruleId, level]),
    result.findings.map(({ id, severity }) => [id, severity]),
  );
  assert.match(files.read("summary"), new RegExp(`^## ❌ FAIL[^]*\\| ${first?.id ?? ""} \\|`, "m"));
  // stdout is the JSON alone.
  assert.match(run.stderr, new RegExp(`^::error title=lastcall prove%3A ${first?.id ?? ""}::`));
});

function readData(html: string): PageData {
  const [, json = ""] =
    /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? [];
  return JSON.parse(json) as PageData;
}

test("outputs: a run without a result says why in every form", async (t) => {
  const files = askForAll(t);
  const args = [...QUICK, "--json", ...files.options, "--", "no-such-<command>"];
  const run = await runCli(args, files.env);
  assert.equal(run.code, 3);
  assert.deepEqual(findSchemaFaults(JSON.parse(run.stdout), "CouldNotRun"), []);
  assert.match(run.stderr, /^lastcall prove: could not run: .*no-such-<command>/);
  assert.match(run.stderr, /^::error title=lastcall prove::.*no-such-<command>/m);
  assert.match(
    files.read("junit"),
    /errors="1"[^]*type="PROVE_CANNOT_START">[^<]*no-such-&lt;command&gt;/,
  );
  assert.deepEqual(findSarifFaults(files.read("sarif")), []);
  const [{ toolExecutionNotifications: said }] = readSarif(files.read("sarif")).invocations;
  assert.match(said[0]?.message.text ?? "", /no-such-<command>/);
  assert.match(files.read("html"), /NO VERDICT[^]*no-such-&lt;command&gt;/);
  assert.match(files.read("summary"), /NO VERDICT[^]*no-such-&lt;command/);
});

test("outputs: annotations stand on stdout beside the text, and a summary that cannot be written is no failure", async () => {
  const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: "/nonexistent/summary" };
  const run = await runCli([...QUICK, "--", "no-such-command"], env);
  assert.equal(run.code, 3);
  assert.match(run.stdout, /^::error title=lastcall prove::cannot start/);
  assert.match(run.stderr, /the job's summary `\/nonexistent\/summary` was not written \(ENOENT\)/);
});

test("outputs: two that name the same file are refused before anything is written", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = (name: string): string => path.join(folder, name);
  writeFileSync(file("kept"), "kept");
  linkSync(file("kept"), file("link"));
  symlinkSync(folder, file("folder"));
  const cases: [command: string[], one: string, other: string][] = [
    [["prove", "--html", "--output"], file("new"), `${folder}/./new`],
    [["prove", "--junit", "--sarif"], file("new"), file("folder/new")],
    [["prove", "--ledger", "--html"], file("kept"), file("link")],
    [["lint", "--sarif", "--junit"], file("new"), file("new")],
  ];
  for (const [[command = "", first = "", second = ""], one, other] of cases) {
    const rest = command === "prove" ? ["--", "true"] : [folder];
    const run = await runCli([command, first, one, second, other, ...rest]);
    assert.equal(run.code, 2, run.stderr);
    assert.match(
      run.stderr,
      /^lastcall: Expected a file of its own for `--\w+` and `--\w+`, got `.*` for both\n$/,
    );
    assert.ok(run.stderr.includes(`\`${first}\``) && run.stderr.includes(`\`${second}\``));
  }
  assert.equal(existsSync(file("new")), false);
  assert.equal(readFileSync(file("kept"), "utf8"), "kept");
  const control = ["--html", file("a"), "--output", file("b"), "--sarif", "/dev/null"];
  const run = await runCli(["prove", ...control, "--junit", "/dev/null", "--", "no-such-command"]);
  assert.equal(run.code, 3, "control: files of their own, and a device that takes both");
});

test("outputs: a service that dies too early has its end among its lines", async (t) => {
  const files = askForAll(t);
  const program = "console.log('cannot go on'); process.exit(4)";
  const args = [...QUICK, ...files.options, "--", process.execPath, "-e", program];
  const run = await runCli(args);
  assert.equal(run.code, 3, run.stderr);
  assert.match(
    files.read("output"),
    /^\S+ 1\.0 stdout cannot go on\n\S+ 1\.0 prove {2}has ended, before it was told to stop\n$/,
  );
});

test("outputs: what a process writes that runs already is said to be elsewhere", async (t) => {
  const files = askForAll(t);
  const [command = "", ...words] = commandOf("stops-correctly");
  const child = spawn(command, words, { env: { ...process.env, PORT: "0" }, stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  const pid = String(child.pid);
  const run = await runCli([...QUICK, ...files.options, "--pid", pid]);
  assert.match(run.stderr, /^lastcall prove: `--output` has nothing that the service writes: /);
  assert.match(
    files.read("output"),
    /^\S+ 1\.0 prove {2}was not started here: what it writes goes elsewhere\n\S+ 1\.0 prove {2}is told to stop\n\S+ 1\.0 prove {2}has ended\n$/,
  );
  const started = await runCli([...QUICK, ...files.options, "--", "no-such-command"]);
  assert.doesNotMatch(started.stderr, /--output/, "control: what is started here is heard");
});
