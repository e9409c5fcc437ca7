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
  const files = write(t, [good(), { ...bad(), asked: [{ option: "--grace", values: ["7s"] }] }]);
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
    const grace = notAskedAlike.find(({ name }) => name === "--grace");
    assert.deepEqual(grace, { name: "--grace", before: "30s", after: "7s" });
  }
  const twice = await runCli(["prove", "--compare", ...files, "--json", "--json"]);
  assert.equal(twice.code, 2, "control: --json is no file");
  const broken = await runCli(["prove", "--compare", files[0] ?? "", "/none", "--json"]);
  assert.deepEqual([broken.code, broken.stdout], [2, ""]);
});

test("compare: a second run without a verdict is worse than any, with its reason and no more", async (t) => {
  const error = { code: "PROVE_NEVER_ANSWERED", message: "the service did not answer" };
  const [trial] = bad().trials;
  const noisy = { ...bad(), verdict: "could-not-run", findings: [], inspection: null } as const;
  const cases: [object, RegExp][] = [
    [{ version: 1, verdict: "could-not-run", error }, /the service did not answer$/m],
    [{ ...noisy, trials: [{ ...trial, faults: ["too noisy to judge"] }] }, /too noisy to judge$/m],
  ];
  for (const [after, reason] of cases) {
    const files = write(t, [bad(), after]);
    const { code, stdout } = await runCli(["prove", "--compare", ...files]);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /^- verdict +fail → could-not-run: /);
    assert.match(stdout, reason);
    assert.match(stdout, /\nWORSE\n$/);
    assert.doesNotMatch(stdout, /gone|dropped requests/, "what was not judged is not better");
    const json = await runCli(["prove", "--compare", ...files, "--json"]);
    assert.deepEqual(findSchemaFaults(JSON.parse(json.stdout), "Comparison"), []);
  }
});

test("compare: another version, nothing to compare with and what is no result are refused", async (t) => {
  const couldNot = {
    version: 1,
    verdict: "could-not-run",
    error: { code: "X", message: "no port" },
  };
  const [trial] = good().trials;
  const [fine = "", newer = "", none = "", noisy = ""] = write(t, [
    good(),
    { ...good(), version: 2 },
    couldNot,
    { ...good(), verdict: "could-not-run", trials: [{ ...trial, faults: ["too noisy"] }] },
  ]);
  const cases: [string[], RegExp][] = [
    [[fine, newer], /Expected `.*` to be a result of version 1, .* got version 2\n$/],
    [[none, fine], /^lastcall: Expected `.*` to have a verdict, .* got none: no port\n$/],
    [[noisy, fine], /to have a verdict, .* got none: too noisy\n$/],
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
    [{ ...good(), asked: null }, "`asked` has to be a list, got `null`"],
    [
      { ...good(), asked: [{ option: "--rtt", values: [10] }] },
      "`asked[0].values[0]` has to be a text, got `10`",
    ],
    [
      { ...good(), inspection: { faults: 5 } },
      '`inspection` has to be an object with the list `faults`, or null, got `{"faults":5}`',
    ],
    [
      { version: 1, verdict: "could-not-run", error: "no port" },
      '`error` has to be an object, got `"no port"`',
    ],
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
      { ...good(), trials: [{ ...trial, faults: [1] }] },
      "`trials[0].faults[0]` has to be a text, got `1`",
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
  const asked = (...options: [option: string, ...values: string[]][]): ProveResult["asked"] =>
    options.map(([option, ...values]) => ({ option, values }));
  const before = {
    ...good(),
    // A line break does not end the note.
    command: ["node", "a\nb.js"],
    asked: asked(["--request", "GET /", "GET /old"], ["--grace", "30s"], ["--pid1"]),
  };
  const after = {
    ...before,
    command: ["node", "other.js"],
    asked: asked(["--request", "GET /", "GET /new"], ["--grace", "5s"], ["--rate", "50"]),
  };
  // What ran already has no command; the same requests in another order are not sent alike.
  const running = {
    ...before,
    command: [],
    asked: asked(["--request", "GET /old", "GET /"], ["--grace", "30s"], ["--pid1"]),
  };
  const more = {
    ...before,
    asked: [...asked(["--request", "GET /", "GET /old", "GET /"]), ...before.asked.slice(1)],
  };
  const [a = "", b = "", c = "", d = ""] = write(t, [before, after, running, more]);
  const notes = async (...files: string[]): Promise<string[]> => {
    const { code, stdout } = await runCli(["prove", "--compare", ...files]);
    assert.equal(code, 0);
    return stdout.split("\n").filter((line) => line.includes("not asked alike"));
  };
  assert.deepEqual(await notes(a, b), [
    "· not asked alike: command node a·b.js → node other.js",
    "· not asked alike: --request GET /old → GET /new",
    "· not asked alike: --grace 30s → 5s",
    "· not asked alike: --pid1 asked for → not asked for",
    "· not asked alike: --rate not asked for → 50",
  ]);
  assert.deepEqual(await notes(a, a), []);
  assert.deepEqual(await notes(c, c), []);
  assert.deepEqual(await notes(a, c), [
    "· not asked alike: command node a·b.js → not asked for",
    "· not asked alike: --request GET /, GET /old → GET /old, GET /",
  ]);
  assert.deepEqual(await notes(a, d), [
    "· not asked alike: --request GET /, GET /old → GET /, GET /old, GET /",
  ]);
});
