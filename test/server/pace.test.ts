import assert from "node:assert/strict";
import { test } from "node:test";

import { Pace } from "#src/server/connection/pace.js";

import { withResolvers } from "../harness/wire.js";

/** Lets `count` leave over `window` ms; resolves to the size of every batch, and how long it took. */
async function leave(count: number, window: number): Promise<{ batches: number[]; ms: number }> {
  const batches: number[] = [];
  const { promise, resolve } = withResolvers<void>();
  const pace = new Pace<number>((batch) => {
    batches.push(batch.length);
    if (batches.reduce((sum, each) => sum + each, 0) === count) resolve();
  });
  for (let i = 0; i < count; i++) pace.add(i);
  const begun = performance.now();
  pace.begin(begun + window);
  await promise;
  return { batches, ms: performance.now() - begun };
}

test("many leave evenly over the window, and a few before its end", async () => {
  const many = await leave(2_000, 400);
  assert.ok(many.ms >= 350, `${many.ms} ms`);
  assert.ok(Math.max(...many.batches) <= 200, `${Math.max(...many.batches)} at once`);

  const few = await leave(3, 10_000);
  assert.deepEqual(few.batches, [1, 1, 1]);
  assert.ok(few.ms < 5_000, `${few.ms} ms`);
});

test("without a window they leave as fast as the event loop bears", async () => {
  const { batches } = await leave(1_000, 0);
  assert.deepEqual(batches, [200, 200, 200, 200, 200]);
});

test("nobody leaves before it begins, nor after it was stopped or taken out", async () => {
  const left: number[] = [];
  const { promise, resolve } = withResolvers<void>();
  const pace = new Pace<number>((batch) => {
    left.push(...batch);
    resolve();
  });
  for (const item of [1, 2, 3, 4]) pace.add(item);
  pace.delete(1);
  pace.begin(performance.now() + 10_000);
  await promise;
  pace.stop();
  await leave(20, 0);
  assert.deepEqual(left, [2]);
});

test("after the window somebody may leave at once, but not too many in one turn", () => {
  const pace = new Pace<number>(() => {});
  assert.equal(pace.letsGo(0), false, "it has not begun");
  pace.begin(100);
  assert.equal(pace.letsGo(99), false, "the window is open");
  let count = 0;
  while (pace.letsGo(100)) count++;
  assert.equal(count, 200);
  assert.equal(pace.letsGo(110), true);
});
