import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "#src/prove/facts/finding.js";
import type {
  InspectionEntry,
  InspectionName,
  InspectionResult,
} from "#src/prove/facts/inspection.js";
import { addInspected } from "#src/prove/findings/find.js";
import { sampleFinding } from "../facts/sample-result.js";

function entry(rest: Partial<InspectionEntry> = {}): InspectionEntry {
  return {
    kind: "timer",
    what: "setTimeout",
    route: "GET /report",
    request: "lastcall-inspect-2",
    source: { file: "src/report.js", line: 12, column: 9, in: "buildReport" },
    callers: [],
    ageMs: 1_200,
    livedMs: 1_000,
    after: "client-left",
    until: "listed",
    ...rest,
  };
}

type Seen = Readonly<Partial<Record<InspectionName, readonly InspectionEntry[]>>>;

function inspected(seen: Seen): InspectionResult {
  const names = ["client-leaves", "stop-passes", "after-answer"] as const;
  const inspections = names.map((name, index) => {
    const judged = ["GET /report"];
    return { trial: index + 2, name, judged, entries: seen[name] ?? [] };
  });
  return { inspections, faults: [] };
}

function find(seen: Seen, others: readonly Finding[] = []): string[] {
  return addInspected(others, inspected(seen)).map(({ id, what }) => `${id} ${what}`);
}

test("a finding names the route, the call, the line, and how long it lived", () => {
  assert.deepEqual(find({ "client-leaves": [entry()] }), [
    "handler/ignores-abort GET /report: setTimeout at src/report.js:12:9 (in buildReport) lived 1 s after its client left",
  ]);
  const exit = { after: "answer", until: "process-exited", livedMs: 12 } as const;
  const source = { ...entry().source, in: null };
  assert.deepEqual(find({ "after-answer": [entry({ ...exit, source })] }), [
    "work/left-behind GET /report: setTimeout at src/report.js:12:9 was still alive when the process exited, 12 ms after its answer",
  ]);
});

test("a line is told once, however it was seen and for however many requests", () => {
  const cut = entry({ after: "cut", until: "process-exited" });
  const seen = { "client-leaves": [entry(), entry({ request: "other" })], "stop-passes": [cut] };
  const [finding] = addInspected([], inspected(seen));
  assert.equal(finding?.count, 1);
  assert.deepEqual(finding?.evidence[0]?.source, entry().source);
  const two = { "client-leaves": [entry(), entry({ route: "GET /other" })] };
  assert.match(find(two)[0] ?? "", / after its client left, and 1 more$/);
});

test("who lets go when its client leaves is not to blame for a service that never cut it", () => {
  const uncut = entry({ after: "signal", until: "grace-period-ended" });
  assert.deepEqual(find({ "stop-passes": [uncut] }), []);
  const other = entry({ ...uncut, route: "GET /quick" });
  assert.equal(find({ "stop-passes": [other] }).length, 1, "(control: nobody saw it let go)");
  const cut = entry({ after: "cut", until: "grace-period-ended" });
  assert.equal(find({ "stop-passes": [cut] }).length, 1, "(control: it was cut)");
});

test("work that is lost because the process leaves at once is not told twice", () => {
  const left = entry({ after: "answer", until: "process-exited" });
  const atOnce = sampleFinding({ id: "exit/at-once" });
  assert.equal(find({ "after-answer": [left] }, [atOnce]).length, 1);
  assert.equal(find({ "after-answer": [left] }).length, 1, "(control: without that)");
  assert.deepEqual(addInspected([atOnce], null), [atOnce]);
});
