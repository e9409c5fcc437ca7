// What requests left behind, against what their clients were told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sumEffects } from "#src/prove/facts/effects.js";
import { findEffectFindings } from "#src/prove/findings/find.js";
import type { RequestRow } from "#src/prove/index.js";
import { judgeEffects } from "#src/prove/judge/judge-effects.js";
import { sampleRow } from "../facts/sample-result.js";

const ok = (id: string, rest: Partial<RequestRow> = {}): RequestRow =>
  sampleRow({ id, method: "POST", path: "/orders", ...rest });
const reset = (id: string): RequestRow =>
  ok(id, { outcome: "dropped", kind: "reset", status: null });
const LIVING = ok("living");

const CASES: readonly [string, RequestRow[], [string, number][], string[]][] = [
  ["answered, and done once", [ok("a")], [["a", 1]], []],
  ["answered, and done twice", [ok("a")], [["a", 2]], ["effects/twice"]],
  ["reset, and done", [LIVING, reset("a")], [["a", 1]], ["effects/lost"]],
  ["reset, and done twice", [reset("a")], [["a", 2]], ["effects/twice", "effects/lost"]],
  ["reset, and not done", [LIVING, reset("a")], [], []],
  ["answered, and not done, as others were", [ok("a")], [], ["effects/missing"]],
  ["answered with 404, and not done", [ok("a", { status: 404 })], [], []],
  ["answered on a route that leaves nothing", [ok("a", { method: "GET", path: "/" })], [], []],
  [
    "answered on a route with its id in its path",
    [ok("a", { path: "/orders/a" }), ok("b", { path: "/orders/b" })],
    [["a", 1]],
    ["effects/missing"],
  ],
];

for (const [name, rows, counts, ids] of CASES) {
  test(`effects: ${name} → ${ids.join(", ") || "nothing"}`, () => {
    const all = new Map([["living", 1], ...counts]);
    const requests = [LIVING, ...rows];
    const found = findEffectFindings({ trial: 1, origin: "the signal", requests, counts: all });
    assert.deepEqual(
      found.map(({ id }) => id),
      ids,
    );
    const { answered, lost, missing, none } = sumEffects(requests, all);
    assert.equal(answered + lost + missing + none, requests.length);
  });
}

test("effects: what is wrong is a part of what it is counted of", () => {
  const measure = (answered: number, lost: number, missing: number): string | undefined =>
    judgeEffects([{ effects: { answered, lost, missing, none: 5, twice: 0 } }])[0]?.measured;
  assert.equal(measure(59, 0, 838), "838 missing of 897");
  assert.equal(measure(10, 2, 3), "2 without an answer · 3 missing of 15");
  assert.equal(measure(10, 0, 0), "0 of 10", "control");
  assert.equal(measure(0, 0, 0), "none took effect");
});

test("effects: what is said names the request and when its client learnt how it ended", () => {
  const facts = { trial: 1, origin: "the command's start", requests: [ok("a")] } as const;
  const [finding] = findEffectFindings({ ...facts, counts: new Map([["a", 3]]) });
  assert.equal(
    finding?.what,
    "1 request took effect more than once, 2 ms after the command's start",
  );
  assert.equal(
    finding?.evidence[0]?.what,
    "POST /orders (pool) took effect 3 times and was answered 200 2 ms after the command's start: `a`",
  );
});
