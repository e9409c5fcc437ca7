import assert from "node:assert/strict";
import { test } from "node:test";
import { pageOf, type Described } from "#src/findings/catalogue.js";
import type { Finding, SourceLocation } from "#src/findings/finding.js";
import { writeSarif, type SarifRun } from "#src/findings/sarif.js";
import { findSarifFaults, readSarif } from "../harness/sarif-schema.js";

const CATALOGUE: readonly Described[] = [
  { id: "a/one", severity: "error", title: "one", cause: "why one", next: "do one" },
  { id: "b/two", severity: "warning", title: "two", cause: "why two", next: "do two" },
  { id: "c/three", severity: "info", title: "three", cause: "why three", next: "do three" },
];

const same = (file: string): string => file;

function find(id: string, sources: readonly (SourceLocation | null)[]): Finding {
  const described = CATALOGUE.find((one) => one.id === id);
  assert.ok(described !== undefined);
  const { severity, cause, next } = described;
  const evidence = sources.map((source) => ({ what: `seen "there" <b>\n\u0007`, source }));
  return { id, severity, what: "30 s > 10 s", cause, next, page: pageOf(id), count: 2, evidence };
}

function at(file: string, line: number, column: number): SourceLocation {
  return { file, line, column, in: null };
}

function write(run: Partial<SarifRun>, nameFile = same): string {
  const all = { tool: "a tool", version: "1.2.3", catalogue: CATALOGUE, findings: [], faults: [] };
  return writeSarif({ ...all, ...run }, nameFile);
}

test("SARIF: a clean run is a valid document with all rules and no result", () => {
  const text = write({});
  assert.deepEqual(findSarifFaults(text), []);
  const { results, tool, invocations } = readSarif(text);
  assert.deepEqual(results, []);
  assert.deepEqual(
    tool.driver.rules.map(({ id }) => id),
    ["a/one", "b/two", "c/three"],
  );
  assert.equal(invocations[0].executionSuccessful, true);
});

test("SARIF: so is one without a catalogue", () => {
  assert.deepEqual(findSarifFaults(write({ catalogue: [] })), []);
});

test("SARIF: the schema sees what is wrong", () => {
  const broken = write({ findings: [find("a/one", [at("a.ts", 3, 1)])] });
  const line = broken.replace('"startLine": 3', '"startLine": 0');
  assert.deepEqual(findSarifFaults(line), [
    "/runs/0/results/0/locations/0/physicalLocation/region/startLine must be >= 1",
  ]);
  const level = broken.replaceAll('"level": "error"', '"level": "fatal"');
  assert.notDeepEqual(findSarifFaults(level), []);
  const uri = broken.replace('"uri": "a.ts"', '"uri": "a b.ts"');
  assert.notDeepEqual(findSarifFaults(uri), []);
  assert.notDeepEqual(findSarifFaults("{}"), []);
});

test("SARIF: a finding has its rule, its level and all its places, the first as its own", () => {
  const sources = [
    at("src/a b#c.ts", 42, 7),
    null,
    at("/srv/x.yaml", 1, 1),
    at("src/a b#c.ts", 42, 9),
  ];
  const findings = [find("b/two", sources), find("c/three", []), find("a/one", [at("d.ts", 0, 0)])];
  const text = write({ findings });
  assert.deepEqual(findSarifFaults(text), []);
  const { results } = readSarif(text);
  assert.deepEqual(
    results.map(({ ruleId, ruleIndex, level, message }) => [
      ruleId,
      ruleIndex,
      level,
      message.text,
    ]),
    [
      ["b/two", 1, "warning", "30 s > 10 s\ndo two"],
      ["c/three", 2, "note", "30 s > 10 s\ndo three"],
      ["a/one", 0, "error", "30 s > 10 s\ndo one"],
    ],
  );
  const places = results.map(({ locations, relatedLocations = [] }) =>
    [...locations, ...relatedLocations].map(({ physicalLocation }) => physicalLocation),
  );
  assert.deepEqual(places, [
    [
      {
        artifactLocation: { uri: "src/a%20b%23c.ts", uriBaseId: "%SRCROOT%" },
        region: { startLine: 42, startColumn: 7 },
      },
      {
        artifactLocation: { uri: "file:///srv/x.yaml" },
        region: { startLine: 1, startColumn: 1 },
      },
    ],
    [],
    [
      {
        artifactLocation: { uri: "d.ts", uriBaseId: "%SRCROOT%" },
        region: { startLine: 1, startColumn: 1 },
      },
    ],
  ]);
});

test("SARIF: a run without a verdict says why, and does not look clean", () => {
  const text = write({ faults: ["too noisy to judge"] });
  assert.deepEqual(findSarifFaults(text), []);
  const [{ executionSuccessful, toolExecutionNotifications }] = readSarif(text).invocations;
  assert.equal(executionSuccessful, false);
  assert.equal(toolExecutionNotifications[0]?.message.text, "too noisy to judge");
});
