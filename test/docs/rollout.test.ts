import assert from "node:assert/strict";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";

import { read, root } from "../package/project.js";

interface Way {
  readonly how: string;
  readonly sent: number;
  readonly lost: number;
  readonly steps: { readonly answered: readonly number[]; readonly lost: readonly number[] };
}

interface Rollout {
  readonly ways: readonly Way[];
}

const measured = JSON.parse(read("bench/rollout/result.json")) as Rollout;

async function draw(result: Rollout): Promise<string> {
  const url = pathToFileURL(path.join(root, "bench", "rollout", "draw.js")).href;
  return ((await import(url)) as { draw: (result: Rollout) => string }).draw(result);
}

test("the picture of the rollout shows what was measured, and nothing else", async () => {
  assert.equal(read("docs/rollout.svg"), await draw(measured));
  const [first, ...others] = measured.ways;
  assert.ok(first);
  const worse = { ways: [{ ...first, lost: first.lost + 1 }, ...others] };
  assert.notEqual(read("docs/rollout.svg"), await draw({ ...measured, ...worse }));
});

test("the rollout lost nothing with lastcall, something without, and its steps add up", () => {
  assert.deepEqual(
    measured.ways.map(({ how, lost }) => [how, lost > 0]),
    [
      ["lastcall", false],
      ["close", true],
    ],
  );
  for (const { sent, lost, steps } of measured.ways) {
    const sum = (counts: readonly number[]): number => counts.reduce((total, each) => total + each);
    assert.equal(sum(steps.lost), lost);
    assert.equal(sum(steps.answered), sent - lost);
  }
});
