import assert from "node:assert/strict";
import { test } from "node:test";
import { KINDS } from "#src/prove/facts/ledger.js";
import { renderVerdict } from "#src/prove/index.js";
import { describeSeen } from "#src/prove/render/seen.js";
import { renderTimeline } from "#src/prove/render/text/timeline.js";
import { chooseStops } from "#src/prove/render/text/trials.js";
import { wrap } from "#src/findings/wrap.js";
import { sampleFinding, sampleResult, sampleStop, sampleTrial } from "../facts/sample-result.js";

const REASON = "GET /report (slow) sent 3 ms before the signal was reset 12 ms after the signal";

function result(trials: number): ReturnType<typeof sampleResult> {
  const [evidence] = sampleFinding().evidence;
  const finding = sampleFinding({
    evidence: evidence === undefined ? [] : [{ ...evidence, what: REASON }],
  });
  return sampleResult({
    subject: "node server.js",
    findings: [finding],
    trials: Array.from({ length: trials }, (_, at) => sampleTrial({ trial: at + 1 })),
  });
}

test("terminal: 40 columns are enough, also for several trials", () => {
  const all = result(3);
  const text = [
    renderTimeline(chooseStops(all), { width: 40 }),
    renderVerdict(all, { width: 40 }),
  ].join("\n");
  for (const line of text.split("\n")) {
    // A path is not broken: it is to be copied.
    const isPath = !line
      .trimStart()
      .replace(/^more: /, "")
      .includes(" ");
    assert.ok(line.length <= 40 || isPath, `${line.length} columns: ${line}`);
  }
  assert.match(text, /^error inflight\/cut: 2 requests in\n {4}progress at the signal were cut$/m);
  assert.match(text, /^ {6}at src\/server\.ts:42:7 in stop$/m);
});

test("terminal: nothing is lost on a narrow one: the same words in the same order", () => {
  const words = (width?: number): string[] =>
    renderVerdict(result(2), width === undefined ? {} : { width }).split(/\s+/);
  const narrow = words(40);
  const counted = (all: string[]): string[] => all.toSorted();
  assert.deepEqual(counted(narrow), counted(words()));
});

test("terminal: without a width no line is broken, whatever its length", () => {
  const text = renderVerdict(result(1));
  assert.ok(text.includes(`    · ${REASON}\n`));
  assert.ok(text.includes("error inflight/cut: 2 requests in progress at the signal were cut\n"));
});

test("terminal: several trials have a line each; of many only what failed", () => {
  const line = /^✗ trial \d+: 3 lost, exit code 137 after 3 s, seed 7$/gm;
  assert.equal(renderVerdict(result(1)).match(line), null);
  assert.equal(renderVerdict(result(4)).match(line)?.length, 4);
  const many = renderVerdict(result(30));
  assert.equal(many.match(line)?.length, 10);
  assert.match(many, /^ {2}… and 20 more failed$/m);
});

test("terminal: a few stops are all drawn, of many the worst, and its name says so", () => {
  const names = (trials: number): string[] => chooseStops(result(trials)).map(({ name }) => name);
  assert.deepEqual(names(1), ["node server.js"]);
  assert.deepEqual(names(3), ["trial 1", "trial 2", "trial 3"]);
  const worst = sampleStop({ exposed: { requests: 9, lost: 8 } });
  const trials = [...result(5).trials, sampleTrial({ trial: 6, stops: [worst] })];
  const [row, ...rest] = chooseStops(sampleResult({ trials }));
  assert.deepEqual([row?.name, row?.stop, rest], ["trial 6, the worst of 6", worst, []]);
  const restarts = sampleResult({ trials: [sampleTrial({ stops: [sampleStop(), sampleStop()] })] });
  assert.deepEqual(
    chooseStops(restarts).map(({ name }) => name),
    ["stop 1", "stop 2"],
  );
});

test("terminal: the phases stand above the requests, and fill the width", () => {
  const [stop] = chooseStops(result(1));
  assert.ok(stop !== undefined);
  const lines = renderTimeline([stop], { width: 80 }).split("\n");
  const phases = lines.find((line) => line.startsWith("phase")) ?? "";
  assert.match(phases, /^phase {5}─+ under load ─+┼+─+┼─+ leaving ─+┼─*$/);
  assert.equal(phases.length, 80);
});

test("wrap: breaks between words only, hangs, and keeps its beginning", () => {
  assert.equal(wrap("  a bb ccc", 6, 4), "  a bb\n    ccc");
  assert.equal(wrap("unbreakable-word x", 5, 2), "unbreakable-word\n  x");
  assert.equal(wrap("  wide    gap  ", undefined, 0), "  wide    gap  ");
});

test("seen: every way to lose a request has words of its own", () => {
  const lost = (["retryable", "refused", "dropped", "unsent"] as const).flatMap((outcome) =>
    KINDS[outcome].map((kind) => [`${outcome} ${kind}`, describeSeen(outcome, kind)] as const),
  );
  for (const [name, words] of lost) assert.ok(words !== undefined, name);
  assert.equal(describeSeen("dropped", "unheard-of"), undefined, "(control)");
});
