// @ts-check
import pLimit from "p-limit";

const limit = pLimit(1);

/**
 * p-limit knows no signals: a call that has given up keeps its place in the queue until that is reached, and then does
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
