import { wait } from "../clock.js";
import { currentSignal } from "./current.js";

/**
 * Waits; `setTimeout` of `node:timers/promises`, except that it rejects with the signal's own reason instead
 * of an `AbortError`, and takes {@link currentSignal} where none is given.
 *
 * @param time milliseconds.
 * @throws the reason of `signal`, once that has aborted.
 */
export async function sleep(
  time: number,
  signal: AbortSignal | undefined = currentSignal(),
): Promise<void> {
  try {
    await wait(time, undefined, signal && { signal });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}
