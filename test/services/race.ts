import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";

/**
 * Aborts a statement of 1 ms at about the time at which it ends, while others use the same two
 * connections. Wrong is every failure that is not the signal's reason.
 */
async function race(
  rounds: number,
  run: Run,
  other: () => Promise<unknown>,
): Promise<{ cancelled: number; completed: number; wrong: string[] }> {
  const counts = { cancelled: 0, completed: 0, wrong: [] as string[] };
  let left = rounds;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const controller = new AbortController();
      const reason = new Error("left");
      const delay = Math.random() * 2;
      const statement = run(controller.signal).then(
        () => counts.completed++,
        (error: unknown) =>
          error === reason ? counts.cancelled++ : counts.wrong.push(`own: ${String(error)}`),
      );
      const start = performance.now();
      while (performance.now() - start < delay) await setImmediate();
      controller.abort(reason);
      await Promise.all([
        statement,
        other().catch((error: unknown) => counts.wrong.push(`other: ${String(error)}`)),
      ]);
    }
  };
  await Promise.all([worker(), worker()]);
  return counts;
}

type Run = (signal: AbortSignal) => Promise<unknown>;

/** Aborts so often at the moment of completion, and wants nobody else's statement hit. */
export async function assertHarmless(
  t: TestContext,
  rounds: number,
  run: Run,
  other: () => Promise<unknown>,
): Promise<void> {
  const counts = await race(rounds, run, other);
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual(counts.wrong, []);
  // Both must happen, or it was not the moment of completion.
  assert.ok(Math.min(counts.cancelled, counts.completed) > rounds / 50, JSON.stringify(counts));
}

/** The control: wants others hit. */
export async function assertHarmful(
  t: TestContext,
  run: Run,
  other: () => Promise<unknown>,
): Promise<void> {
  const counts = await race(500, run, other);
  t.diagnostic(JSON.stringify({ ...counts, wrong: counts.wrong.length }));
  assert.notEqual(counts.wrong.length, 0);
}

/**
 * Aborts a statement that would take a minute right after it was sent, mostly before the server has begun with it, and
 * wants each to end within seconds, on a busy machine too.
 */
export async function assertEndsEarly(t: TestContext, run: Run): Promise<void> {
  let longest = 0;
  for (let round = 0; round < 200; round++) {
    const controller = new AbortController();
    const rejected = assert.rejects(run(controller.signal), /left/);
    for (let turns = round % 5; turns > 0; turns--) await setImmediate();
    const start = performance.now();
    controller.abort(new Error("left"));
    await rejected;
    longest = Math.max(longest, performance.now() - start);
  }
  t.diagnostic(`${longest.toFixed(1)} ms at most`);
  assert.ok(longest < 5_000, `${longest} ms`);
}
