// `lastcall lint` as it is installed: exit codes, every output, edits, and what it does not look at.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { findSarifFaults, readSarif } from "../harness/sarif-schema.js";
import { read } from "../package/project.js";
import { MAIN } from "./run-cli.js";

type Files = Readonly<Record<string, string | Uint8Array>>;

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function write(t: TestContext, files: Files): string {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-lint-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

function run(
  cwd: string,
  args: readonly string[],
  options: { input?: string; env?: NodeJS.ProcessEnv } = {},
): Run {
  const { input = "", env = {} } = options;
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "lint", ...args], {
    cwd,
    input,
    encoding: "utf8",
    env: { ...process.env, GITHUB_ACTIONS: "", ...env },
  });
  return { code: status, stdout, stderr };
}

const pod = (grace: string): string => `apiVersion: v1
kind: Pod
metadata:
  name: api
spec:
  terminationGracePeriodSeconds: ${grace}
  containers:
    - name: api
      image: registry.example/api:3
`;
const BROKEN: Files = { "deploy/api.yaml": pod("0") };
const GOOD: Files = { "deploy/api.yaml": pod("30") };
const WARNED: Files = {
  "deploy/api.yaml": pod("35").replace(
    "image:",
    "lifecycle: { preStop: { sleep: { seconds: 30 } } }\n      image:",
  ),
};

test("lint: an error fails the run, a warning does with --strict alone, and nothing found is 0", (t) => {
  assert.equal(run(write(t, BROKEN), []).code, 1);
  assert.equal(run(write(t, GOOD), []).code, 0);
  const warned = write(t, WARNED);
  assert.equal(run(warned, []).code, 0);
  assert.equal(run(warned, ["--strict"]).code, 1);
});

test("lint: the text begins with the place, as editors follow it", (t) => {
  const { stdout } = run(write(t, BROKEN), []);
  assert.match(stdout, /^deploy\/api\.yaml:6:34 error k8s\/grace-zero\n/);
  assert.match(stdout, /\n1 error in 1 file\n$/);
  assert.equal(run(write(t, GOOD), []).stdout, "nothing found in 1 file\n");
});

test("lint: manifests from the standard input", (t) => {
  const { code, stdout } = run(write(t, GOOD), ["-"], { input: pod("0") });
  assert.equal(code, 1);
  assert.match(stdout, /^stdin\.yaml:6:34 error k8s\/grace-zero/);
  assert.equal(run(write(t, BROKEN), ["-"], { input: pod("30") }).code, 0);
});

test("lint: a standard input without a manifest could not be examined: what should have written it has failed", (t) => {
  for (const input of ["", "Error: no such chart\n"]) {
    const { code, stderr } = run(write(t, BROKEN), ["-"], { input });
    assert.equal(code, 3);
    assert.match(stderr, /no manifest in the standard input/);
  }
});

test("lint: files that deploy nothing are said to be no more than that", (t) => {
  assert.equal(
    run(write(t, { "a.txt": "", "b.yaml": "a: 1\n" }), []).stdout,
    "nothing found in 2 files: no workload and no proxy among them\n",
  );
  assert.equal(run(write(t, GOOD), []).stdout, "nothing found in 1 file\n");
});

test("lint: JSON is as its schema says, with and without findings", (t) => {
  const schema = JSON.parse(read("docs/lint-result.schema.json")) as object;
  const validate = new Ajv2020({ strict: false }).compile(schema);
  for (const files of [BROKEN, GOOD]) {
    const result = JSON.parse(run(write(t, files), ["--json"]).stdout) as { counts: object };
    assert.ok(validate(result), JSON.stringify(validate.errors));
    assert.ok(!validate({ ...result, counts: {} }), "a result without its counts is refused");
  }
});

test("lint: SARIF and JUnit, with and without findings", (t) => {
  for (const [files, expected] of [
    [BROKEN, 1],
    [GOOD, 0],
  ] as const) {
    const folder = write(t, files);
    run(folder, ["--sarif", "out.sarif", "--junit", "out.xml", "deploy"]);
    const sarif = readFileSync(path.join(folder, "out.sarif"), "utf8");
    assert.deepEqual(findSarifFaults(sarif), []);
    assert.equal(readSarif(sarif).results.length, expected);
    const junit = readFileSync(path.join(folder, "out.xml"), "utf8");
    assert.match(junit, new RegExp(`failures="${expected}"`));
  }
});

test("lint: on GitHub each finding is an annotation of its line", (t) => {
  const env = { GITHUB_ACTIONS: "true" };
  const { stdout } = run(write(t, BROKEN), [], { env });
  assert.match(
    stdout,
    /^::error file=deploy\/api\.yaml,line=6,col=34,title=lastcall lint%3A k8s\/grace-zero::/m,
  );
  assert.doesNotMatch(run(write(t, GOOD), [], { env }).stdout, /^::/m);
});

test("lint --fix: the one value changes, the layout, the mark and the line ends stay", (t) => {
  const text = `\uFEFF# ours\r\n${pod('"0" # at once').replaceAll("\n", "\r\n")}`;
  const folder = write(t, { "api.yaml": text });
  const dry = run(folder, ["--fix", "--dry-run"]);
  assert.match(
    dry.stdout,
    /^-  terminationGracePeriodSeconds: "0" # at once\n\+  terminationGracePeriodSeconds: 30 # at once$/m,
  );
  const file = path.join(folder, "api.yaml");
  assert.equal(readFileSync(file, "utf8"), text, "a dry run writes nothing");
  assert.equal(run(folder, ["--fix"]).code, 0);
  assert.equal(readFileSync(file, "utf8"), text.replace('"0"', "30"));
});

test("lint --fix --dry-run: git makes the same edits of the diff", (t) => {
  const last = `${pod("0").replace(/ {2}termination.*\n/, "")}  terminationGracePeriodSeconds: 0\n`;
  const files = { "api.yaml": pod("0"), "last.yaml": last };
  const [folder, fixed] = [write(t, files), write(t, files)];
  const { stdout } = run(folder, ["--fix", "--dry-run"]);
  const diff = stdout.slice(0, stdout.indexOf("would make"));
  const apply = (input: string): number | null =>
    spawnSync("git", ["apply", "-p0", "--unidiff-zero", "-"], { cwd: folder, input }).status;
  assert.notEqual(apply(diff.replace("-  terminationGrace", "-  otherGrace")), 0, "it looks");
  assert.equal(apply(diff), 0);
  run(fixed, ["--fix"]);
  for (const file of ["api.yaml", "last.yaml"])
    assert.equal(
      readFileSync(path.join(folder, file), "utf8"),
      readFileSync(path.join(fixed, file), "utf8"),
    );
});

test("lint --fix: a file that is no UTF-8 is examined, and not written", (t) => {
  const bytes = Buffer.concat([Buffer.from("# \xFF\n", "latin1"), Buffer.from(pod("0"))]);
  const folder = write(t, { "api.yaml": bytes });
  assert.equal(run(folder, ["--fix"]).code, 1);
  assert.deepEqual(readFileSync(path.join(folder, "api.yaml")), bytes);
});

test("lint --timeline: what is sent when, with and without findings", (t) => {
  const { stdout } = run(write(t, WARNED), ["--timeline"]);
  assert.match(stdout, /^Pod api  deploy\/api\.yaml:4\n/);
  assert.match(stdout, /^ {2}preStop\.sleep .*0 s – 30 s$/m);
  assert.match(stdout, /^ {2}SIGKILL .*35 s$/m);
  assert.match(run(write(t, { "a.txt": "" }), ["--timeline"]).stdout, /^no workload whose/);
});

test("lint: what git ignores, what lies in node_modules and what a link leads to is not looked at", (t) => {
  const elsewhere = write(t, BROKEN);
  const folder = write(t, {
    ".gitignore": "build/\n*.local.yaml\n!kept.local.yaml\n",
    "build/api.yaml": pod("0"),
    "a.local.yaml": pod("0"),
    "node_modules/x/api.yaml": pod("0"),
  });
  symlinkSync(path.join(elsewhere, "deploy", "api.yaml"), path.join(folder, "link.yaml"));
  const { code, stdout } = run(folder, []);
  assert.equal(code, 0);
  assert.match(stdout, /^not examined: link\.yaml: it is a link that leads out of the tree$/m);
  writeFileSync(path.join(folder, "kept.local.yaml"), pod("0"));
  assert.equal(run(folder, []).code, 1);
});

test("lint: a bomb of aliases, a file of 50 MB and a deep nest are said, and cost little", (t) => {
  const levels = Array.from(
    { length: 12 },
    (_, at) => `l${at + 1}: &l${at + 1} [${Array.from({ length: 9 }, () => `*l${at}`).join(", ")}]`,
  );
  const folder = write(t, {
    "bomb.yaml": `apiVersion: v1\nkind: ConfigMap\nl0: &l0 x\n${levels.join("\n")}\n`,
    "large.yaml": `apiVersion: v1\n${"# more\n".repeat(7_500_000)}`,
    "deep.yaml": `apiVersion: v1\nkind: ConfigMap\na: ${"[".repeat(50_000)}`,
    "api.yaml": pod("0"),
  });
  const started = performance.now();
  const { code, stdout } = run(folder, []);
  assert.equal(code, 1, "the rest is examined");
  assert.match(stdout, /k8s\/grace-zero/);
  assert.match(stdout, /^bomb\.yaml:\d+:\d+ info lint\/unparsable/m);
  assert.match(stdout, /^deep\.yaml:\d+:\d+ info lint\/unparsable/m);
  assert.match(stdout, /^not examined: large\.yaml: it is larger than 4 MB$/m);
  assert.ok(performance.now() - started < 10_000);
});

for (const [args, said] of [
  [["nowhere"], /Expected a file or a folder, got `nowhere`: it is not there/],
  [["--dry-run"], /Expected `--fix` with `--dry-run`/],
  [["--fix", "-"], /Expected files to fix, got the standard input/],
  [["--fix", "--json"], /Expected `--fix` or `--json`, got both/],
  [["--timline"], /did you mean `--timeline`\?/],
  [["--", "node", "server.js"], /Expected paths, got `--`: nothing is run/],
] as const) {
  test(`lint ${args.join(" ")}: one sentence, exit 2`, (t) => {
    const { code, stdout, stderr } = run(write(t, GOOD), args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, said);
    assert.equal(stderr.split("\n").length, 2);
  });
}

test("lint: an empty folder could not be examined: 3", (t) => {
  assert.equal(run(write(t, {}), []).code, 3);
});
