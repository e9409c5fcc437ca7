// Whether one share is larger than another by more than chance.
import assert from "node:assert/strict";
import { test } from "node:test";
import { findChance, isLarger, type Share } from "#src/prove/judge/chance.js";

const share = (lost: number, total: number): Share => ({ lost, total });

/** Every way to spread what was lost over the two, counted one by one. */
function count(one: Share, other: Share): number {
  const lost = one.lost + other.lost;
  const choose = (total: number, part: number): number => {
    let ways = 1;
    for (let at = 0; at < part; at += 1) ways = (ways * (total - at)) / (at + 1);
    return part > total ? 0 : ways;
  };
  let ways = 0;
  for (let k = one.lost; k <= lost; k += 1)
    ways += choose(one.total, k) * choose(other.total, lost - k);
  return ways / choose(one.total + other.total, lost);
}

test("chance: as counted one by one, and as other programs compute it", () => {
  for (const [one, other] of [
    [share(3, 4), share(1, 4)],
    [share(5, 10), share(1, 12)],
    [share(0, 7), share(3, 9)],
    [share(4, 4), share(0, 20)],
    [share(12, 40), share(2, 31)],
  ] as const) {
    const [chance, counted] = [findChance(one, other), count(one, other)];
    assert.ok(Math.abs(chance - counted) < 1e-12, `${String(chance)} ${String(counted)}`);
  }
  // Fisher's tea, R: fisher.test(matrix(c(3, 1, 1, 3), 2), alternative = "greater")$p.value
  assert.ok(Math.abs(findChance(share(3, 4), share(1, 4)) - 0.2428571) < 1e-6);
  const even = findChance(share(500, 1_000_000), share(500, 1_000_000));
  assert.ok(even > 0.5 && even < 0.52, `control: alike, and many (${String(even)})`);
});

test("chance: what the same service loses twice is not larger, whatever the order", () => {
  // A service that closes at once: three runs of the same command.
  const runs = [share(341, 677), share(417, 748), share(354, 684)];
  for (const one of runs) for (const other of runs) assert.equal(isLarger(one, other), false);
  assert.equal(isLarger(share(3, 1_000), share(1, 1_000)), false, "too few to tell");
  assert.equal(isLarger(share(0, 1_000), share(0, 1_000)), false);
  assert.equal(isLarger(share(5, 5), share(0, 0)), false, "nothing was asked for");
});

test("chance: what is more by far is larger", () => {
  assert.equal(isLarger(share(40, 1_000), share(10, 1_000)), true);
  assert.equal(isLarger(share(10, 1_000), share(40, 1_000)), false, "the other way round");
  assert.equal(isLarger(share(700, 748), share(341, 677)), true);
  assert.equal(isLarger(share(12, 1_000), share(0, 1_000)), true);
  assert.equal(isLarger(share(5_200, 100_000), share(4_000, 100_000)), false, "less than half");
});
