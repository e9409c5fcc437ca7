import assert from "node:assert/strict";
import { test } from "node:test";
import { collectRequests } from "#src/prove/render/page/collect.js";
import { fromColumns, toColumns } from "#src/prove/render/page/columns.js";
import { placeLabels, type LabelWish } from "#src/prove/render/page/labels.js";
import { packLanes } from "#src/prove/render/page/lanes.js";
import {
  firstSpan,
  formatTick,
  listTicks,
  pan,
  reveal,
  zoom,
} from "#src/prove/render/page/viewport.js";
import { listPhases, listMarks } from "#src/prove/render/text/marks.js";
import { NASTY, sampleRow, sampleStop } from "../facts/sample-result.js";

test("columns: what is written is read back, and each text stands once", () => {
  const rows = [
    sampleRow(),
    sampleRow({ id: "p7-1-2", path: `/${NASTY}`, startMs: null, outcome: "refused", status: null }),
  ];
  const columns = toColumns(rows);
  assert.equal(new Set(columns.texts).size, columns.texts.length);
  assert.deepEqual(fromColumns(JSON.parse(JSON.stringify(columns)) as typeof columns), [
    { ...rowOf("p7-1-1"), route: "GET /", outcome: "ok", startMs: -10, status: 200 },
    { ...rowOf("p7-1-2"), route: `GET /${NASTY}`, outcome: "refused", startMs: null, status: null },
  ]);
});

function rowOf(id: string): object {
  const times = { dueMs: null, firstByteMs: 1, endMs: 2 };
  return { id, client: "pool", kind: "complete", connection: 1, ...times };
}

test("collect: beyond the limit answered requests are left out and counted, lost ones stay", () => {
  const requests = collectRequests(2);
  for (let trial = 1; trial <= 2; trial += 1) {
    for (const outcome of ["ok", "ok", "dropped"] as const) {
      requests.add(sampleRow({ trial, outcome }));
    }
  }
  assert.deepEqual(
    [requests.of(1).length, requests.leftOut(1), requests.of(2).length, requests.leftOut(2)],
    [3, 0, 1, 2],
  );
});

interface Timed {
  readonly connection: number;
  readonly from: number | null;
  readonly to: number;
}

function pack(requests: readonly Timed[]): number[][] {
  const rows = requests.map(({ connection, from, to }) =>
    sampleRow({ connection, startMs: from, endMs: to }),
  );
  const [group] = packLanes(fromColumns(toColumns(rows)));
  return group?.lanes.map((lane) => lane.map(({ request }) => request.connection)) ?? [];
}

test("lanes: one connection after another share a lane, those at the same time do not", () => {
  assert.deepEqual(
    pack([
      { connection: 1, from: 0, to: 10 },
      { connection: 1, from: 50, to: 60 },
      { connection: 2, from: 20, to: 30 },
      { connection: 3, from: 61, to: 70 },
      { connection: 4, from: 65, to: 80 },
    ]),
    [
      [1, 1, 3],
      [2, 4],
    ],
  );
});

test("lanes: streams of one connection at the same time stand under one another", () => {
  assert.deepEqual(
    pack([
      { connection: 1, from: 0, to: 50 },
      { connection: 1, from: 10, to: 20 },
      { connection: 1, from: 25, to: 30 },
    ]),
    [[1], [1, 1]],
  );
});

test("lanes: in none does a request lie upon another, whatever came", () => {
  const requests = Array.from({ length: 3_000 }, (_, at): Timed => {
    const from = (at * 7_919) % 10_000;
    const isRefused = at % 11 === 0;
    return { connection: at % 200, from: isRefused ? null : from, to: from + ((at * 31) % 90) };
  });
  const rows = requests.map(({ connection, from, to }) =>
    sampleRow({ connection, startMs: from, endMs: to }),
  );
  const groups = packLanes(fromColumns(toColumns(rows)));
  let count = 0;
  for (const lane of groups.flatMap(({ lanes }) => lanes)) {
    for (const [at, { fromMs }] of lane.entries()) {
      assert.ok((lane[at - 1]?.toMs ?? Number.NEGATIVE_INFINITY) <= fromMs);
      count += 1;
    }
  }
  assert.equal(count, 3_000);
});

test("labels: none touches another or is crossed by another's line; what has no room is left out", () => {
  const wishes: LabelWish[] = [10, 14, 15, 60, 61, 62, 63, 190].map((x) => ({ x, width: 60 }));
  const labels = placeLabels(wishes, 4, 200);
  assert.ok(labels.some((label) => label === null));
  assert.ok(labels.filter((label) => label !== null).length >= 5);
  for (const [a, one] of labels.entries()) {
    for (const [b, other] of labels.entries()) {
      if (a === b || one === null || other === null) continue;
      const apart = one.left + 60 <= other.left || other.left + 60 <= one.left;
      assert.ok(one.row !== other.row || apart, `${a} and ${b} touch`);
      const line = wishes[a]?.x ?? 0;
      const isCrossed = line > other.left && line < other.left + 60 && one.row <= other.row;
      assert.ok(!isCrossed, `the line of ${a} crosses ${b}`);
    }
  }
  assert.deepEqual(placeLabels([{ x: 190, width: 60 }], 1, 200), [{ left: 125, row: 0 }]);
});

const WHOLE = { fromMs: -1_000, toMs: 3_000 };

test("viewport: zoom keeps the instant under the pointer, and everything stays inside the whole", () => {
  const near = zoom(WHOLE, WHOLE, 4, 0);
  assert.deepEqual(near, { fromMs: -250, toMs: 750 });
  assert.equal((0 - near.fromMs) / (near.toMs - near.fromMs), 0.25);
  assert.deepEqual(zoom(near, WHOLE, 1 / 100, 0), WHOLE);
  assert.equal(zoom(near, WHOLE, 1e9, 0).toMs - zoom(near, WHOLE, 1e9, 0).fromMs, 2);
  assert.deepEqual(pan(near, WHOLE, -5_000), { fromMs: -1_000, toMs: 0 });
  assert.deepEqual(pan(near, WHOLE, 9_000), { fromMs: 2_000, toMs: 3_000 });
});

test("viewport: what is revealed is in sight, with the least move", () => {
  const span = { fromMs: 0, toMs: 100 };
  assert.deepEqual(reveal(span, WHOLE, { fromMs: 40, toMs: 60 }), span);
  const right = reveal(span, WHOLE, { fromMs: 150, toMs: 160 });
  assert.deepEqual([right.fromMs, right.toMs], [69, 169]);
  const wide = reveal(span, WHOLE, { fromMs: 0, toMs: 400 });
  assert.deepEqual(wide, { fromMs: -100, toMs: 500 });
});

test("viewport: ticks are round and not too near, their texts tell them apart", () => {
  const ticks = listTicks({ fromMs: -120, toMs: 480 }, 600, 90);
  assert.deepEqual(ticks, [-100, 0, 100, 200, 300, 400]);
  assert.deepEqual(ticks.slice(0, 3).map(formatTick), ["−100 ms", "0", "+100 ms"]);
  assert.equal(formatTick(1_500), "+1.5 s");
  const fine = listTicks({ fromMs: 1_000, toMs: 1_002 }, 800, 90).map(formatTick);
  assert.equal(new Set(fine).size, fine.length);
});

test("viewport: a process that hangs long after its last request is not what is shown first", () => {
  const whole = { fromMs: -1_000, toMs: 30_000 };
  assert.deepEqual(firstSpan([0, 10, 2_000], whole), { fromMs: -1_000, toMs: 2_500 });
  assert.deepEqual(firstSpan([0, 29_000, 29_500], whole), whole);
});

test("phases: they follow one another without a gap, from the signal to the exit", () => {
  const phases = listPhases(sampleStop());
  assert.deepEqual(
    phases.map(({ name, fromMs, toMs }) => [name, fromMs, toMs]),
    [
      ["under load", null, 0],
      ["accepting", 0, 30],
      ["draining", 30, 500],
      ["leaving", 500, 3_000],
      ["gone", 3_000, null],
    ],
  );
});

test("phases: what was not seen has none: an exit at the signal, an end that nobody saw", () => {
  const { timeline } = sampleStop();
  const seen = { listenerClosedMs: null, firstRefusedMs: null };
  const atOnce = sampleStop({ timeline: { ...timeline, ...seen, lastByteMs: -5, exitMs: 0 } });
  assert.deepEqual(
    listPhases(atOnce).map(({ name }) => name),
    ["under load", "gone"],
  );
  const unseen = sampleStop({ timeline: { ...timeline, ...seen, exitMs: null } });
  assert.deepEqual(
    listPhases(unseen).map(({ name, toMs }) => [name, toMs]),
    [
      ["under load", 0],
      ["accepting", 500],
      ["leaving", null],
    ],
  );
});

test("marks: in the order they came, and a kill is no exit", () => {
  const marks = listMarks(sampleStop());
  assert.deepEqual(
    marks.map(({ letter, ms }) => [letter, ms]),
    [
      ["S", 0],
      ["C", 4],
      ["A", 20],
      ["L", 30],
      ["R", 35],
      ["B", 500],
      ["X", 3_000],
    ],
  );
  assert.equal(marks.at(-1)?.label, "killed");
});
