// `lastcall prove --compare A.json B.json`: what became better or worse.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import type { ProveResult } from "#src/prove/index.js";
import type { Comparison } from "#src/prove/render/comparison.js";
import { findSchemaFaults } from "../harness/result-schema.js";
import { sampleFinding, sampleResult } from "../prove/facts/sample-result.js";
import { runCli } from "./run-cli.js";

function write(t: TestContext, contents: readonly object[]): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-compare-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return contents.map((content, at) => {
    const file = path.join(folder, `${String(at)}.json`);
    writeFileSync(file, JSON.stringify(content));
    return file;
  });
}

const NONE = { planned: 10, ok: 10, retryable: 0, refused: 0, dropped: 0, unsent: 0 };
const good = (): ProveResult => sampleResult({ verdict: "pass", findings: [], requests: NONE });
const bad = (): ProveResult =>
  sampleResult({
    verdict: "fail",
    findings: [sampleFinding()],
    requests: { ...NONE, ok: 8, dropped: 2 },
  });

test("compare: what is worse is said, and is exit code 1", async (t) => {
  const { code, stdout } = await runCli(["prove", "--compare", ...write(t, [good(), bad()])]);
  assert.equal(code, 1);
  assert.match(stdout, /^- verdict +pass → fail$/m);
  // Two of ten may be chance, and the verdict says it in any case.
  assert.match(stdout, /^· dropped requests +0 of 10 → 2 of 10$/m);
  assert.match(stdout, /^- new: inflight\/cut: 2 requests/m);
  assert.match(stdout, /\nWORSE\n$/);
});

test("compare: what is better is exit code 0, and so is the same", async (t) => {
  const better = await runCli(["prove", "--compare", ...write(t, [bad(), good()])]);
  assert.equal(better.code, 0);
  assert.match(better.stdout, /^\+ gone: inflight\/cut/m);
  assert.match(better.stdout, /\nNOT WORSE\n$/);
  const same = await runCli(["prove", "--compare", ...write(t, [bad(), bad()])]);
  assert.equal(same.code, 0);
});

test("compare: a share of lost requests is worse by more than chance alone", async (t) => {
  const lossy = (ok: number, dropped: number): ProveResult => ({
    ...bad(),
    requests: { ...NONE, ok, dropped },
  });
  const cases: [before: ProveResult, after: ProveResult, mark: string, code: number][] = [
    // The same command three times.
    [lossy(336, 341), lossy(331, 417), "·", 0],
    [lossy(331, 417), lossy(336, 341), "·", 0],
    [lossy(990, 10), lossy(960, 40), "-", 1],
    [lossy(960, 40), lossy(990, 10), "+", 0],
    // One that was lost is worse than none, as its verdict is.
    [good(), lossy(999, 1), "·", 1],
  ];
  for (const [before, after, mark, code] of cases) {
    const run = await runCli(["prove", "--compare", ...write(t, [before, after])]);
    assert.equal(run.code, code, run.stdout);
    assert.ok(run.stdout.includes(`\n${mark} dropped requests`), run.stdout);
  }
});

test("compare: --json says the same as an object, wherever it stands", async (t) => {
  const files = write(t, [good(), { ...bad(), graceMs: 7_000 }]);
  for (const words of [
    ["--compare", ...files, "--json"],
    ["--json", "--compare", ...files],
  ]) {
    const { code, stdout } = await runCli(["prove", ...words]);
    assert.equal(code, 1);
    const comparison = JSON.parse(stdout) as Comparison;
    assert.deepEqual(findSchemaFaults(comparison, "Comparison"), []);
    const { isWorse, before, after, added, gone, notAskedAlike } = comparison;
    assert.equal(isWorse, true);
    assert.deepEqual([before.verdict, before.lost, before.requests], ["pass", 0, 10]);
    assert.deepEqual([after.verdict, after.lost, after.requests], ["fail", 2, 10]);
    assert.deepEqual(
      added.map(({ id }) => id),
      ["inflight/cut"],
    );
    assert.deepEqual(gone, []);
    assert.equal(notAskedAlike[0]?.name, "--grace");
    assert.equal(notAskedAlike[0].after, "7 s");
  }
  const twice = await runCli(["prove", "--compare", ...files, "--json", "--json"]);
  assert.equal(twice.code, 2, "control: --json is no file");
  const broken = await runCli(["prove", "--compare", files[0] ?? "", "/none", "--json"]);
  assert.deepEqual([broken.code, broken.stdout], [2, ""]);
});

test("compare: another version, a run without result and what is no result are refused", async (t) => {
  const couldNot = {
    version: 1,
    verdict: "could-not-run",
    error: { code: "X", message: "no port" },
  };
  const [fine = "", newer = "", none = ""] = write(t, [
    good(),
    { ...good(), version: 2 },
    couldNot,
  ]);
  const cases: [string[], RegExp][] = [
    [[fine, newer], /Expected `.*` to be a result of version 1, .* got version 2\n$/],
    [[none, fine], /got one that could not: no port\n$/],
    [[fine, `${fine}.gone`], /to be a result, as `--json` prints it: ENOENT/],
    [[fine], /Expected two files of `--json` after `--compare` and no more/],
  ];
  for (const [words, text] of cases) {
    const { code, stderr } = await runCli(["prove", "--compare", ...words]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, text);
  }
  const other = await runCli(["prove", "--quick", "--compare", fine, "--", "true"]);
  assert.equal(other.code, 2);
  assert.match(other.stderr, /Expected `--compare` and two files alone/);
});

test("compare: a file that is not a result is refused with its first field that is wrong", async (t) => {
  const empty = { version: 1, criteria: [], requests: {}, findings: [], trials: [] };
  const [trial] = good().trials;
  const stop = { ...trial?.stops[0], exit: { afterSignalMs: "soon" } };
  const cases: [object, string][] = [
    [{ version: 1 }, "`verdict` has to be pass, fail or could-not-run, got nothing"],
    [
      { ...empty, verdict: "banana", findings: [{ id: 1 }], trials: [{}] },
      '`verdict` has to be pass, fail or could-not-run, got `"banana"`',
    ],
    [{ ...empty, verdict: "pass" }, "`command` has to be a list, got nothing"],
    [{ ...good(), requests: {} }, "`requests.ok` has to be a count, got nothing"],
    [{ ...good(), rttMs: null }, "`rttMs` has to be a time in milliseconds, got `null`"],
    [{ ...good(), findings: [null] }, "`findings[0]` has to be an object, got `null`"],
    [
      { ...good(), findings: [sampleFinding(), { id: 1 }] },
      "`findings[1].id` has to be a text, got `1`",
    ],
    [
      { ...good(), trials: [{ ...trial, stops: {} }] },
      "`trials[0].stops` has to be a list, got `{}`",
    ],
    [
      { ...good(), trials: [{ ...trial, requestsByClient: { pool: {} } }] },
      "`trials[0].requestsByClient.pool.planned` has to be a count, got nothing",
    ],
    [
      { ...good(), trials: [{ ...trial, stops: [stop] }] },
      '`trials[0].stops[0].exit.afterSignalMs` has to be a time in milliseconds or null, got `"soon"`',
    ],
  ];
  const [fine = "", ...wrong] = write(t, [good(), ...cases.map(([content]) => content)]);
  for (const [at, file] of wrong.entries()) {
    const { code, stdout, stderr } = await runCli(["prove", "--compare", fine, file]);
    const what = cases[at]?.[1] ?? "";
    assert.equal(
      stderr,
      `lastcall: Expected \`${file}\` to be a result, as \`--json\` prints it: ${what}\n`,
    );
    assert.deepEqual([code, stdout], [2, ""]);
  }
});

test("compare: what the two were not asked alike is said, and nothing where they were", async (t) => {
  const [trial] = good().trials;
  // A line break does not end the note.
  const before = { ...good(), command: ["node", "a\nb.js"] };
  const other = {
    ...before,
    command: ["node", "other.js"],
    graceMs: 5_000,
    rttMs: 40,
    lagMs: 700,
    trials: [{ ...trial, requestsByClient: { pool: NONE, h2: NONE } }],
  };
  const pool = { ...before, trials: [{ ...trial, requestsByClient: { pool: NONE } }] };
  // What ran already has no command, and where nothing was asked there are no clients.
  const none = { ...before, command: [], trials: [{ ...trial, requestsByClient: {} }] };
  const [a = "", b = "", c = ""] = write(t, [pool, other, none]);
  const notes = async (...files: string[]): Promise<string[]> => {
    const { code, stdout } = await runCli(["prove", "--compare", ...files]);
    assert.equal(code, 0);
    return stdout.split("\n").filter((line) => line.includes("not asked alike"));
  };
  assert.deepEqual(await notes(a, b), [
    "· not asked alike: command `node a·b.js` → `node other.js`",
    "· not asked alike: --grace 30 s → 5 s",
    "· not asked alike: --rtt 10 ms → 40 ms",
    "· not asked alike: --lag 2 s → 0.7 s",
    "· not asked alike: clients pool → pool, h2",
  ]);
  assert.deepEqual(await notes(a, a), []);
  assert.deepEqual(await notes(a, c), []);
});
