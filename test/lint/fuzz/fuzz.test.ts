import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as assertProperty, constantFrom, oneof, property, string } from "fast-check";
import { Source } from "#src/lint/source/source.js";
import { FORMATS } from "./formats.js";
import { listSpots, misplaced } from "./spots.js";

// scripts/lint-fuzz.mjs asks for more.
const RUNS = Number(process.env["LINT_FUZZ_RUNS"] ?? 1_000);
const LENGTH = RUNS > 1_000 ? 100_000 : 8_000;

for (const { name, read, tokens } of FORMATS) {
  test(`${name}: whatever the text is, nothing is thrown and every place lies in it`, () => {
    const text = oneof(
      {
        weight: 9,
        arbitrary: array(constantFrom(...tokens), { maxLength: 60, size: "max" }).map((all) =>
          all.join(""),
        ),
      },
      { weight: 1, arbitrary: string({ unit: "binary", maxLength: 200, size: "max" }) },
    );
    assertProperty(
      property(text, (text) => {
        const source = new Source("file", text);
        assert.deepEqual(misplaced(listSpots(read(source)), source), []);
      }),
      { numRuns: RUNS },
    );
  });

  test(`${name}: what is repeated without end is read in time that grows with its length`, () => {
    for (const token of tokens) {
      const started = performance.now();
      listSpots(read(new Source("file", token.repeat(Math.ceil(LENGTH / token.length)))));
      const took = performance.now() - started;
      assert.ok(took < 5_000, `${JSON.stringify(token)} takes ${took.toFixed()} ms`);
    }
  });
}

test("a place outside of its text is seen", () => {
  const source = new Source("file", "a\nbc");
  assert.deepEqual(misplaced([source.spot(2, 4)], source), []);
  assert.equal(misplaced([{ ...source.spot(2), line: 1 }], source).length, 1);
  assert.equal(misplaced([{ ...source.spot(2), end: 5 }], source).length, 1);
  assert.equal(misplaced([{ start: 3, end: 2 }], source).length, 1);
  assert.equal(
    listSpots({ a: [{ spot: source.spot(0) }, new Map([[1, { start: 0, end: 1 }]])] }).length,
    2,
  );
});
