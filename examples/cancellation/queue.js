// @ts-check
import PQueue from "p-queue";

const queue = new PQueue({ concurrency: 1 });

/**
 * Two at a time would be too much for the printer. Who waits for a turn and gives up leaves the queue; who has
 * it is told.
 *
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} print
 * @param {AbortSignal} signal
 */
export function printInTurn(print, signal) {
  return queue.add(() => print(signal), { signal });
}
