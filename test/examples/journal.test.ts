import assert from "node:assert/strict";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";

import { root } from "../package/project.js";

interface Journal {
  answered: number;
  lines: number;
  missing: number;
  twice: number;
  unanswered: number;
}

interface Stopped {
  file: string;
  result: { verdict: string; requests: { dropped: number; refused: number } };
  journal: Journal;
}

async function load<T>(file: string): Promise<T> {
  return (await import(pathToFileURL(path.join(root, "examples", "shop", file)).href)) as T;
}

const { checkJournal } = await load<{ checkJournal: (rows: object[], text: string) => Journal }>(
  "check-journal.js",
);
const { judge } = await load<{ judge: (without: Stopped, withIt: Stopped) => string[] }>(
  "judge.js",
);
const { compareLines } = await load<{
  compareLines: (before: string, after: string) => { left?: string; right?: string }[];
}>("compare-lines.js");

const placed = (id: string, more: object = {}): object => ({
  id,
  method: "POST",
  path: "/orders",
  outcome: "ok",
  status: 201,
  ...more,
});
const line = (id: string): string => `{"id":"${id}"}\n`;

test("a journal that has every order once is exact", () => {
  assert.deepEqual(checkJournal([placed("a"), placed("b")], line("b") + line("a")), {
    answered: 2,
    lines: 2,
    missing: 0,
    twice: 0,
    unanswered: 0,
  });
});

test("an order that was answered and not written is found, and one that was written twice", () => {
  const { missing, twice } = checkJournal([placed("a"), placed("b")], line("b") + line("b"));
  assert.deepEqual({ missing, twice }, { missing: 1, twice: 1 });
});

test("an order whose client was never told is found; other requests and torn lines are none", () => {
  const rows = [
    placed("a", { outcome: "dropped", status: null }),
    placed("b", { status: 400 }),
    placed("c", { method: "GET", path: "/products", status: 200 }),
  ];
  assert.deepEqual(checkJournal(rows, `${line("a")}{"id":"to`), {
    answered: 0,
    lines: 1,
    missing: 0,
    twice: 0,
    unanswered: 1,
  });
});

const exact: Journal = { answered: 9, lines: 9, missing: 0, twice: 0, unanswered: 0 };
const stopped = (verdict: string, dropped: number, journal: Partial<Journal> = {}): Stopped => ({
  file: "shop.js",
  result: { verdict, requests: { dropped, refused: 0 } },
  journal: { ...exact, ...journal },
});

test("the main job accepts one outcome and names what is wrong with any other", () => {
  const good = stopped("pass", 0);
  const bad = stopped("fail", 5);
  assert.deepEqual(judge(bad, good), []);
  const wrong: [Stopped, Stopped, RegExp][] = [
    [good, good, /to FAIL and drop requests; it dropped 0, pass/],
    [stopped("fail", 0), good, /to FAIL and drop requests; it dropped 0, fail/],
    [bad, bad, /to PASS and drop nothing; it dropped 5, fail/],
    [bad, stopped("fail", 0), /to PASS and drop nothing; it dropped 0, fail/],
    [bad, stopped("could-not-run", 0), /to PASS .* could-not-run/],
    [bad, stopped("pass", 0, { missing: 1 }), /1 orders are not in its journal/],
    [stopped("fail", 5, { twice: 2 }), good, /2 orders are in its journal twice/],
    [bad, stopped("pass", 0, { unanswered: 1 }), /to have its 201; 1 have not/],
    [bad, stopped("pass", 0, { answered: 0 }), /no order was placed/],
  ];
  for (const [without, withIt, problem] of wrong) {
    assert.match(judge(without, withIt).join("\n"), problem);
  }
});

test("the sources are lined up: what they share, and what only one has", () => {
  const rows = compareLines("a\nb\nc\n", "a\nx\ny\nc\nd\n");
  assert.deepEqual(
    rows.map(({ left, right }) => [left, right]),
    [
      ["a", "a"],
      ["b", "x"],
      [undefined, "y"],
      ["c", "c"],
      [undefined, "d"],
    ],
  );
});
