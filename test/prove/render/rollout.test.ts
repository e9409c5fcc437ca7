import assert from "node:assert/strict";
import { test } from "node:test";
import type { Rollout } from "#src/prove/facts/rollout.js";
import { renderVerdict } from "#src/prove/index.js";
import { collectRequests } from "#src/prove/render/page/collect.js";
import { listViews } from "#src/prove/render/page/views.js";
import { renderPage } from "#src/prove/render/page/write-page.js";
import { renderSummary } from "#src/prove/render/summary.js";
import { renderRolloutTimeline } from "#src/prove/render/text/gaps.js";
import { sampleResult, sampleRow, sampleTrial } from "../facts/sample-result.js";

const ROLLOUT: Rollout = {
  command: "kubectl rollout restart deploy/api",
  exitCode: 0,
  startMs: 0,
  endMs: 4_000,
  tailMs: 1_000,
  gaps: [
    {
      firstMs: 1_000,
      lastMs: 2_000,
      count: 14,
      answered: 0,
      silentMs: 1_000,
      kinds: [{ outcome: "refused", kind: "refused", count: 14, ids: ["p7-1-9"] }],
    },
  ],
};

const trials = [sampleTrial({ stops: [], rollout: ROLLOUT })];
const result = sampleResult({ trials, notes: [] });
const none = { ...ROLLOUT, gaps: [] };

test("rollout: the terminal draws when requests failed, and says so", () => {
  const lines = renderRolloutTimeline(ROLLOUT, { width: 66 }).split("\n");
  assert.match(lines[0] ?? "", /^ +start +2\.5 s$/);
  assert.match(lines[3] ?? "", /^phase {5}─+┼─+ command runs ─+┼─+$/);
  const [failed = ""] = lines.filter((line) => line.startsWith("failed"));
  // 56 columns for 5.5 s, of which the second begins 1.5 s after the first column.
  assert.equal(failed, `failed    ${" ".repeat(15)}${"✗".repeat(11)}`);
  assert.ok(!renderRolloutTimeline(none).includes("failed"), "(control: without a gap)");
  assert.match(
    renderVerdict(result),
    /^ {2}from 1 s to 2 s {2}14 \(refused 14\), none answered meanwhile$/m,
  );
});

test("rollout: the page has its requests, its gaps and what they count from", () => {
  const requests = collectRequests();
  requests.add(sampleRow({ id: "p7-1-9", startMs: null, outcome: "refused", endMs: 1_000 }));
  const [view, ...rest] = listViews(trials, requests);
  assert.deepEqual(rest, []);
  assert.deepEqual(view?.gaps, [{ fromMs: 1_000, toMs: 2_000 }]);
  assert.deepEqual(
    view?.marks.map(({ letter, ms }) => [letter, ms]),
    [
      ["S", 0],
      ["E", 4_000],
    ],
  );
  const page = renderPage(result, requests);
  assert.match(page, /When requests failed[^]*<td class="number">14<\/td>/);
  assert.match(page, /data-request="p7-1-9"/);
  assert.match(page, /First, from the command’s start/);
});

test("rollout: the summary lists its gaps", () => {
  const text = renderSummary(result);
  assert.match(
    text,
    /### When requests failed\n\n- from 1 s to 2 s 14 \(refused 14\), none answered/,
  );
  const calm = sampleResult({ trials: [sampleTrial({ stops: [], rollout: none })] });
  assert.ok(!renderSummary(calm).includes("When requests failed"), "(control: without a gap)");
});
