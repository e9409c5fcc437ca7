import assert from "node:assert/strict";
import { test } from "node:test";
import { hasColor } from "#src/cli/io.js";
import { createProgress } from "#src/cli/prove/progress.js";

function fakeStream(isTTY: boolean): { stream: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { stream: { isTTY, write } as unknown as NodeJS.WriteStream, written };
}

const PROGRESS = {
  trial: 2,
  trials: 3,
  phase: "loading",
  load: { ended: 1_200, lost: 3, open: 20 },
} as const;

test("progress: one line that is written over on a terminal", () => {
  const { stream, written } = fakeStream(true);
  const progress = createProgress(stream);
  progress.show(PROGRESS);
  progress.clear();
  assert.deepEqual(written, [
    "\r\u001B[Ktrial 2 of 3: under load · 1200 requests, 3 dropped",
    "\r\u001B[K",
  ]);
});

test("progress: nothing in a pipe", () => {
  const { stream, written } = fakeStream(false);
  const progress = createProgress(stream);
  progress.show(PROGRESS);
  progress.clear();
  assert.deepEqual(written, []);
});

test("colour: on a terminal, unless NO_COLOR says something", (t) => {
  const before = process.env.NO_COLOR;
  t.after(() => {
    if (before === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = before;
  });
  delete process.env.NO_COLOR;
  assert.deepEqual(
    [true, false].map((isTTY) => hasColor({ isTTY })),
    [true, false],
  );
  process.env.NO_COLOR = "1";
  assert.equal(hasColor({ isTTY: true }), false);
});
