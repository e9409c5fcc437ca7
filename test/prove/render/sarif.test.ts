import assert from "node:assert/strict";
import { test } from "node:test";
import { CATALOGUE } from "#src/prove/findings/catalogue.js";
import { renderSarif, renderSarifError } from "#src/prove/render/sarif.js";
import { findSarifFaults, readSarif } from "../../harness/sarif-schema.js";
import { NASTY, sampleFinding, sampleResult, sampleTrial } from "../facts/sample-result.js";

const same = (file: string): string => file;

test("sarif: the findings of a run, and a rule for each that there can be", () => {
  const result = sampleResult();
  const text = renderSarif(result, "1.2.3", (file) => `app/${file}`);
  assert.deepEqual(findSarifFaults(text), []);
  const { results, tool } = readSarif(text);
  assert.deepEqual(
    results.map(({ ruleId }) => ruleId),
    result.findings.map(({ id }) => id),
  );
  assert.equal(
    results[0]?.locations[0]?.physicalLocation.artifactLocation.uri,
    "app/src/server.ts",
  );
  const known = new Set(tool.driver.rules.map(({ id }) => id));
  for (const { id } of CATALOGUE) assert.ok(known.has(id), id);
});

test("sarif: a failed run without an error among its findings names the criteria", () => {
  const warning = sampleFinding({ severity: "warning" });
  for (const findings of [[], [warning]]) {
    const text = renderSarif(sampleResult({ verdict: "fail", findings }), "1.2.3", same);
    assert.deepEqual(findSarifFaults(text), []);
    const [first] = readSarif(text).results;
    assert.equal(first?.ruleId, "criterion");
    assert.match(first.message.text, /^dropped requests == 0: /);
  }
});

test("sarif: a run that passed has no results", () => {
  const text = renderSarif(sampleResult({ verdict: "pass", findings: [] }), "1.2.3", same);
  assert.deepEqual(findSarifFaults(text), []);
  assert.deepEqual(readSarif(text).results, []);
});

test("sarif: what gave no verdict says why", () => {
  const trials = [sampleTrial({ faults: [NASTY] })];
  const failed = renderSarif(sampleResult({ verdict: "could-not-run", trials }), "1.2.3", same);
  for (const text of [failed, renderSarifError(NASTY, "1.2.3")]) {
    assert.deepEqual(findSarifFaults(text), []);
    const [{ executionSuccessful, toolExecutionNotifications }] = readSarif(text).invocations;
    assert.equal(executionSuccessful, false);
    assert.equal(toolExecutionNotifications[0]?.message.text, NASTY);
  }
});
