import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

import {
  planEnd,
  quietAfter,
  quietNeeded,
  type Conclusion,
} from "#src/server/lame-duck/evidence.js";

import { readRows } from "../docs/markdown.js";
import { root } from "../package/project.js";

const LONGEST = 15_000;
const perSecond = (rate: number): number => rate / 1_000;

test("without a rate no quiet is conclusive", () => {
  assert.equal(quietNeeded({ rate: 0, longestGap: 10 }, LONGEST), Number.POSITIVE_INFINITY);
});

test("a fifth of the rate is unheard that long with a chance of 10⁻⁶, over all gaps of the phase", () => {
  for (const each of [0.1, 1, 7, 20]) {
    const rate = perSecond(each);
    const quiet = quietNeeded({ rate, longestGap: 0 }, LONGEST);
    const chance = (1 + rate * LONGEST) * Math.exp((-rate / 5) * quiet);
    assert.ok(Math.abs(chance / 1e-6 - 1) < 1e-9, `${each} per second: ${chance}`);
    assert.ok(Math.exp(-rate * quiet) < 1e-6 ** 5);
  }
});

test("gaps lately seen ask for quiet three times as long, and a second is the least", () => {
  assert.equal(quietNeeded({ rate: perSecond(100), longestGap: 3_000 }, LONGEST), 9_000);
  assert.equal(quietNeeded({ rate: 10, longestGap: 1 }, LONGEST), 1_000);
});

test("the rarer the arrivals, the longer the quiet; the longer the gaps, the longer the quiet", () => {
  let last = 0;
  for (let rate = 1; rate > 1e-6; rate /= 1.3) {
    const quiet = quietNeeded({ rate, longestGap: 0 }, LONGEST);
    assert.ok(quiet >= last);
    last = quiet;
  }
  for (let gap = 1; gap < 1e6; gap *= 1.3) {
    const rate = perSecond(50);
    assert.ok(
      quietNeeded({ rate, longestGap: gap }, LONGEST) >=
        quietNeeded({ rate, longestGap: gap / 1.3 }, LONGEST),
    );
  }
});

test("the end is never before the minimum, never after the maximum, and says why", () => {
  const bounds = { start: 0, earliest: 2_000, latest: 5_000 };
  const quiet = (at: number): Conclusion => ({ at, why: "evidence" });
  assert.deepEqual(planEnd(bounds, quiet(3_000)), { at: 3_000, why: "evidence" });
  assert.deepEqual(planEnd(bounds, quiet(1_000)), { at: 2_000, why: "minimum" });
  assert.deepEqual(planEnd(bounds, quiet(5_001)), { at: 5_000, why: "maximum" });
  assert.deepEqual(planEnd(bounds, quiet(Infinity)), { at: 5_000, why: "maximum" });
  const fixed = { start: 0, earliest: 5_000, latest: 5_000 };
  assert.equal(planEnd(fixed, quiet(10)).at, 5_000);
});

test("readers of registries keep it open past the maximum; what they allow is no reason to end", () => {
  const bounds = { start: 0, earliest: 2_000, latest: 5_000 };
  const never: Conclusion = { at: Infinity, why: "evidence" };
  assert.deepEqual(planEnd(bounds, never, 7_000), { at: 7_000, why: "registries" });
  assert.deepEqual(planEnd(bounds, never, 4_000), { at: 5_000, why: "maximum" });
  const probed: Conclusion = { at: 3_000, why: "probes" };
  assert.deepEqual(planEnd(bounds, probed, 4_000), { at: 4_000, why: "registries" });
  assert.deepEqual(planEnd(bounds, probed, 1_000), { at: 3_000, why: "probes" });
});

test("after the last threshold it is quiet for as long as the rate of requests says, between bounds", () => {
  assert.equal(quietAfter(perSecond(1_000)), 500);
  assert.equal(quietAfter(perSecond(1)), 1_500);
  assert.equal(quietAfter(0), 1_500);
  const between = quietAfter(perSecond(7));
  assert.ok(between > 900 && between < 1_100, `${between}`);
});

interface Judged {
  saved: number;
  refused: number;
  why: string;
}
type Simulate = (options: {
  process?: string;
  letGo?: string;
  rate: number;
  lag: number;
  seed: number;
  serving?: number;
}) => { evidence: Judged; formula: Judged; sleep: Judged; shortSleep: Judged };

/** The benchmark's own simulation: what it tabulates is what is tested. */
const file = pathToFileURL(path.join(root, "bench", "lame-duck", "simulate.js")).href;
const { simulate } = (await import(file)) as { simulate: Simulate };

interface Tables {
  rateRow: (rate: number, runs: number) => string;
}
const tables = pathToFileURL(path.join(root, "bench", "lame-duck", "tables.js")).href;
const { rateRow } = (await import(tables)) as Tables;

test("simulated: the table in docs/lame-duck.md is what the simulation gives", () => {
  const cells = (row: string): string[] => row.split("|").map((cell) => cell.trim());
  const documented = readRows("docs/lame-duck.md", "new clients per second");
  assert.equal(documented.length, 8);
  // The others take minutes: `node bench/lame-duck.js` has them all.
  for (const rate of [0.1, 10, 30]) {
    const found = documented.find(([first]) => first === String(rate));
    assert.deepEqual(found, cells(rateRow(rate, 100)).slice(1, -1));
  }
});

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);
const RATES = [0.1, 1, 10, 30, 100];
const LAGS = [0, 1_000, 5_000, 10_000];

function* everyStop(kinds: { process?: string; letGo?: string; serving?: number }) {
  for (const rate of RATES) {
    for (const lag of LAGS) {
      for (const seed of SEEDS) yield simulate({ ...kinds, rate, lag, seed });
    }
  }
}

const KINDS = [
  { process: "poisson", letGo: "all at once" },
  { process: "poisson", letGo: "ten, one after the other" },
  { process: "poisson", letGo: "nine, then the tenth" },
  { process: "pages", letGo: "all at once" },
  { process: "on/off 0.2 s", letGo: "all at once" },
  { process: "on/off 1 s", letGo: "all at once" },
  { process: "on/off 3 s", letGo: "all at once" },
  { process: "pool at start", letGo: "all at once" },
  { process: "pool at start", letGo: "all at once", serving: 3_000 },
  { process: "pool at start", letGo: "all at once", serving: 7_000 },
];

for (const kind of KINDS) {
  const served = kind.serving === undefined ? "" : `, ${kind.serving / 1_000} s after the start`;
  test(`simulated: ${kind.process}, let go ${kind.letGo}${served}: nobody is refused`, () => {
    for (const { evidence } of everyStop(kind)) assert.equal(evidence.refused, 0);
  });
}

test("simulated: seconds are saved where clients are many, none where they are few", () => {
  const saved = (rate: number): number[] =>
    SEEDS.map((seed) => simulate({ rate, lag: 1_000, seed }).evidence.saved);
  assert.ok(saved(100).every((seconds) => seconds > 10));
  assert.ok(saved(30).every((seconds) => seconds > 5));
  assert.ok(saved(1).every((seconds) => seconds === 0));
});

test("simulated (control: a short sleep, and the formula alone, refuse clients)", () => {
  let [bySleep, byFormula] = [0, 0];
  for (const seed of SEEDS) {
    bySleep += simulate({ rate: 30, lag: 10_000, seed }).shortSleep.refused;
    const letGo = "nine, then the tenth";
    byFormula += simulate({ letGo, rate: 30, lag: 10_000, seed }).formula.refused;
  }
  assert.ok(bySleep > 0);
  assert.ok(byFormula > 0);
});

test("simulated (control: a sleep of the maximum refuses nobody, and saves nothing)", () => {
  for (const { sleep } of everyStop({})) {
    assert.equal(sleep.refused, 0);
    assert.equal(sleep.saved, 0);
  }
});
