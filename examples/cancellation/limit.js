// @ts-check
import pLimit from "p-limit";

const limit = pLimit(1);

/**
 * p-limit knows no signals: who has given up keeps the place in the queue until it is reached, and then does
 * nothing.
 *
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} resize
 * @param {AbortSignal} signal
 */
export function resizeInTurn(resize, signal) {
  return limit(() => {
    signal.throwIfAborted();
    return resize(signal);
  });
}
