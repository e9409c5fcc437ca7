import assert from "node:assert/strict";
import test from "node:test";

import { Arrivals } from "#src/server/lame-duck/arrivals.js";

/** Somebody every `gap` ms from `from` to `to`. */
function come(arrivals: Arrivals, from: number, to: number, gap: number): void {
  for (let at = from; at < to; at += gap) arrivals.add(at);
}

const perSecond = (rate: number): number => Math.round(rate * 1_000);

test("a steady stream has its rate after six seconds, and none before", () => {
  const arrivals = new Arrivals(1_000);
  come(arrivals, 1_000, 6_990, 50);
  assert.equal(arrivals.rate(6_999), 0, "too little has been seen");
  come(arrivals, 7_000, 9_000, 50);
  assert.equal(perSecond(arrivals.rate(9_000)), 20);
});

test("a pool that fills itself at start is no rate, neither soon nor later", () => {
  const arrivals = new Arrivals(0);
  come(arrivals, 0, 1_500, 2);
  for (const instant of [1_600, 6_000, 8_100, 30_000, 59_000]) {
    assert.equal(arrivals.rate(instant), 0, `after ${instant} ms`);
    assert.equal(arrivals.hasAny(instant), true);
  }
});

test("a burst on top of a steady stream does not raise the rate", () => {
  const arrivals = new Arrivals(0);
  for (let at = 0; at < 60_000; at += 100) {
    arrivals.add(at);
    if (at === 50_000) come(arrivals, 50_000.1, 50_099, 0.1);
  }
  assert.equal(perSecond(arrivals.rate(60_000)), 10);
});

test("what is older than a minute is forgotten: rate, gaps, visits", () => {
  const arrivals = new Arrivals(0);
  come(arrivals, 0, 5_000, 20);
  come(arrivals, 15_000, 70_000, 20);
  assert.equal(arrivals.longestGap(70_000), 10_020);
  come(arrivals, 70_000, 80_000, 20);
  assert.equal(arrivals.longestGap(80_000), 20);
  assert.equal(perSecond(arrivals.rate(80_000)), 50);
  assert.equal(arrivals.hasAny(137_000), true);
  assert.equal(arrivals.hasAny(141_000), false);
  assert.equal(arrivals.rate(141_000), 0);
  assert.equal(arrivals.longestGap(141_000), 0);
});

test("silence of hours between two arrivals costs nothing and leaves nothing", () => {
  const arrivals = new Arrivals(0);
  come(arrivals, 0, 10_000, 20);
  arrivals.add(36_000_000);
  assert.equal(arrivals.rate(36_000_001), 0);
  assert.equal(arrivals.longestGap(36_000_001), 36_000_000 - 9_980);
  come(arrivals, 36_000_020, 36_070_000, 20);
  assert.equal(perSecond(arrivals.rate(36_070_000)), 50);
});

test("who comes within 10 ms of each other counts once in the rate, and each in the total", () => {
  const arrivals = new Arrivals(0);
  for (let page = 0; page < 10_000; page += 200) come(arrivals, page, page + 6, 1);
  assert.equal(perSecond(arrivals.rate(10_000)), 5);
  assert.equal(arrivals.total, 300);
  assert.equal(arrivals.last, 9_805);
});

test("on and off in turns of five seconds has no rate to rely on", () => {
  const arrivals = new Arrivals(0);
  for (let at = 0; at < 60_000; at += 10_000) come(arrivals, at, at + 5_000, 10);
  assert.equal(arrivals.rate(60_000), 0);
});
