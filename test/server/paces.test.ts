import assert from "node:assert/strict";
import { test } from "node:test";

import { findPaces } from "#src/server/lame-duck/paces.js";

/** Every `period` ms from `from` to `to`, each later by what `late` says. */
function every(period: number, from: number, to: number, late = (): number => 0): number[] {
  const count = Math.ceil((to - from) / period);
  return Array.from({ length: count }, (_, index) => from + index * period + late());
}

function merge(...streams: number[][]): number[] {
  return streams.flat().toSorted((a, b) => a - b);
}

function periods(instants: readonly number[]): { regular: number[]; single: number } {
  const { regular, single } = findPaces(instants);
  return {
    regular: regular.map(({ period }) => Math.round(period)).toSorted((a, b) => a - b),
    single: single.length,
  };
}

test("one that asks regularly has its pace, on time or late", () => {
  assert.deepEqual(periods(every(200, 0, 3_000)), { regular: [200], single: 0 });
  let turn = 0;
  const late = (): number => [0, 30, 5, 45, 10][turn++ % 5]!;
  const { regular, single } = periods(every(200, 0, 3_000, late));
  assert.deepEqual([regular.length, single], [1, 0]);
  assert.ok(Math.abs((regular[0] ?? 0) - 200) < 50);
});

for (const [fast, slow] of [
  [200, 1_000],
  [200, 2_000],
  [500, 1_000],
  [300, 700],
  [1_000, 3_000],
] as const) {
  test(`two from one address are told apart: every ${fast} and every ${slow} ms`, () => {
    for (let phase = 10; phase < slow; phase += slow / 7) {
      const instants = merge(every(fast, 0, 12_000), every(slow, phase, 12_000));
      assert.deepEqual(periods(instants), { regular: [fast, slow], single: 0 }, `phase ${phase}`);
    }
  });
}

test("one that has asked too seldom for a pace is not taken for the other's lateness", () => {
  const instants = merge(every(200, 0, 6_000), [2_930]);
  assert.deepEqual(periods(instants), { regular: [200], single: 1 });
  assert.deepEqual(periods([100]), { regular: [], single: 1 });
  assert.deepEqual(periods([100, 900]), { regular: [], single: 2 });
  assert.deepEqual(periods([]), { regular: [], single: 0 });
});

test("a probe that was lost, or came much too late, makes no second one", () => {
  const lost = every(200, 0, 4_000).filter((at) => at !== 2_000);
  assert.deepEqual(periods(lost), { regular: [200], single: 0 });
  const late = every(200, 0, 4_000).map((at) => (at === 2_000 ? 2_150 : at));
  assert.deepEqual(periods(late), { regular: [200], single: 0 });
});

test("one that was held up goes on at another phase, and is the same", () => {
  const instants = [...every(200, 0, 2_000), ...every(200, 2_690, 5_000)];
  assert.deepEqual(periods(instants), { regular: [200], single: 0 });
});
