import type { RequestRow } from "../facts/row.js";

/** What is ordinary: other clients may have to wait for reasons of their own. */
const CLIENT = "pool";
/** Around an instant, in which a request tells how long anything had to wait. */
const AROUND_MS = 500;
/** A machine that adds more than that is no measure of anything. */
const MOST_MS = 500;

/**
 * How much longer than at its best a request had to wait around an instant, by default the signal. On a
 * machine under load a signal is acted on, and a request is read, as late as that.
 */
export function measureDelay(requests: readonly RequestRow[], atMs = 0): number {
  const best = new Map<string, number>();
  const worst = new Map<string, number>();
  for (const { client, method, path, startMs, firstByteMs } of requests) {
    if (client !== CLIENT || startMs === null || firstByteMs === null) continue;
    const route = `${method} ${path}`;
    const wait = firstByteMs - startMs;
    best.set(route, Math.min(best.get(route) ?? wait, wait));
    if (Math.abs(firstByteMs - atMs) > AROUND_MS) continue;
    worst.set(route, Math.max(worst.get(route) ?? 0, wait));
  }
  const delays = [...worst].map(([route, wait]) => wait - (best.get(route) ?? wait));
  return Math.min(MOST_MS, Math.max(0, ...delays));
}
