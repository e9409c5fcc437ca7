import { setImmediate } from "node:timers/promises";

/**
 * Aborts a statement of 1 ms at about the time at which it ends, while others use the same two
 * connections. Wrong is every failure that is not the signal's reason.
 */
export async function race(
  rounds: number,
  run: (signal: AbortSignal) => Promise<unknown>,
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
