// The museum looks for contradictions in each report that it makes: here that it finds them.
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { renderVerdict, type ProveResult, type RequestRow } from "#src/prove/index.js";
import { proveFixture } from "./prove-fixture.js";
import { sampleResult, sampleRow, sampleTrial } from "./facts/sample-result.js";

type Find = (result: ProveResult, rows: readonly RequestRow[], text: string) => string[];

const script = path.join(import.meta.dirname, "../../../scripts/museum/invariants.mjs");
const { findContradictions } = (await import(pathToFileURL(script).href)) as {
  findContradictions: Find;
};

/** A result of which nothing is told but what is looked at. */
const QUIET = sampleResult({ criteria: [], losses: [], trials: [], findings: [] });
const SOUND: ProveResult = {
  ...QUIET,
  requests: { planned: 0, ok: 0, retryable: 0, refused: 0, dropped: 0, unsent: 0 },
};

for (const [name, text, found] of [
  ["sent and then reset", "sent 12 ms after the signal was reset 29 ms after the signal", false],
  ["reset and then sent", "sent 29 ms after the signal was reset 12 ms after the signal", true],
  [
    "sent before, reset after",
    "sent 0.1 s before the signal was reset 2 ms after the signal",
    false,
  ],
  [
    "equal as far as is told",
    "sent 1.2 s after the signal was reset 1.2 s after the signal",
    false,
  ],
  ["a gap without a length", "from 3.8 s to 3.8 s  1 (refused 1), none answered meanwhile", true],
  ["a gap with a length", "from 3.8 s to 4.8 s  9 (refused 9), none answered meanwhile", false],
] as const) {
  test(`one clock: ${name}`, () => {
    assert.equal(findContradictions(SOUND, [], text).length > 0, found);
  });
}

test("one clock: a row whose answer comes before its request, and one in order", () => {
  const row = sampleRow({ startMs: 10, firstByteMs: 25, endMs: 30 });
  assert.deepEqual(findContradictions(SOUND, [row], ""), []);
  assert.notDeepEqual(findContradictions(SOUND, [{ ...row, endMs: 5 }], ""), []);
  const early = { ...row, startMs: 24 };
  assert.notDeepEqual(findContradictions({ ...SOUND, rttMs: 20 }, [early], ""), []);
});

test("one way to count: the same holders with two numbers, and tallies that do not close", () => {
  const trial = sampleTrial({ findings: [], criteria: [] });
  const one = { ...SOUND, trials: [trial], requests: trial.requests };
  const text = (a: number, b: number): string =>
    `kept open by: ${String(a)} × idle connection, 1 × half-sent head\nkept open by ${String(b)} × idle connection\n`;
  const faults = (words: string): string[] =>
    findContradictions(one, [], words).filter((what) => what.includes("×"));
  assert.deepEqual(faults(text(8, 8)), []);
  assert.deepEqual(faults(text(10, 8)), ["10 and 8 × idle connection in one report"]);
  const open = { ...SOUND, requests: { ...SOUND.requests, dropped: 3 } };
  assert.deepEqual(findContradictions(open, [], ""), ["0 losses are listed, 3 counted"]);
});

test("a stop with losses of many kinds contradicts itself nowhere", async () => {
  const { result, rows } = await proveFixture("plain-close", { grace: 1_500 });
  assert.ok(result.losses.length > 0, "nothing was lost");
  assert.deepEqual(findContradictions(result, rows, renderVerdict(result)), []);
});
