// @ts-check
import PQueue from "p-queue";

const queue = new PQueue({ concurrency: 1 });

/**
 * Two at a time would be too much for the printer. A call that gives up while it waits for its turn leaves the queue; one that has
 * it is told.
 *
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} print
 * @param {AbortSignal} signal
 */
export function printInTurn(print, signal) {
  return queue.add(() => print(signal), { signal });
}
