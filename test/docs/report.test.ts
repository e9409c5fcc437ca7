import assert from "node:assert/strict";
import { test } from "node:test";

import { lastcall } from "lastcall";

import { plain, readMembers, readRows, readUnion } from "./markdown.js";

const REPORT = "docs/report.md";
const documented = readRows(REPORT, "field").map(([field = ""]) => plain(field));

test("report.md has every field of a report, and no other", async () => {
  const report = await lastcall({ signals: false, report: false }).drain();
  const fields = Object.entries(report).flatMap(([name, value]) =>
    ["requests", "connections", "goodbyes"].includes(name)
      ? Object.keys(value as object).map((inner) => `${name}.${inner}`)
      : [name],
  );
  assert.deepEqual(documented.toSorted(), fields.toSorted());
});

test("report.md has every window of the budget, and every field of what it lists", async () => {
  const { budget } = await lastcall({ signals: false, report: false }).drain();
  const meaning = new Map(
    readRows(REPORT, "field").map(([field = "", text = ""]) => [plain(field), text]),
  );
  const expected: [field: string, names: string[]][] = [
    ["budget", Object.keys(budget)],
    ["requests.aborted", readMembers("src/report.ts", "RequestReport").map(([name]) => name)],
    ["connections.stalled", readMembers("src/report.ts", "StallReport").map(([name]) => name)],
    ["lameDuck", readMembers("src/report.ts", "LameDuckReport").map(([name]) => name)],
    ["lameDuck", readMembers("src/report.ts", "ArrivalsReport").map(([name]) => name)],
    ["hooks", readMembers("src/report.ts", "HookReport").map(([name]) => name)],
    ["workers", readMembers("src/report.ts", "WorkerReport").map(([name]) => name)],
    ["tasks", readMembers("src/report.ts", "TaskReport").map(([name]) => name)],
    ["errors", readMembers("src/report.ts", "FaultReport").map(([name]) => name)],
    ["untracked", readMembers("src/report.ts", "UntrackedReport").map(([name]) => name)],
  ];
  for (const [field, names] of expected) {
    assert.ok(names.length > 0, field);
    for (const name of names) {
      assert.ok(meaning.get(field)?.includes(`\`${name}\``), `${field}: \`${name}\` is missing`);
    }
  }
});

test("report.md has every reaction and every outcome", () => {
  const [, type = ""] =
    readMembers("src/report.ts", "RequestReport").find(([name]) => name === "reaction") ?? [];
  const reactions = [...type.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
  assert.deepEqual(
    readRows(REPORT, "reaction")
      .map(([name = ""]) => plain(name))
      .toSorted(),
    reactions.toSorted(),
  );
  const outcomes = readUnion("src/phase.ts", "Outcome");
  const row = readRows(REPORT, "field").find(([field = ""]) => plain(field) === "outcome");
  for (const outcome of outcomes) assert.ok(row?.[1]?.includes(`\`${outcome}\``), outcome);
});

test("concepts.md has every phase", () => {
  const phases = readRows("docs/concepts.md", "phase").map(([name = ""]) => plain(name));
  assert.deepEqual(phases, readUnion("src/phase.ts", "Phase"));
});
