// @ts-check
import { setTimeout as pause } from "node:timers/promises";

/**
 * Once a minute, counted from the end of a run to the next one. A run under way is finished; the wait ends when the
 * drain begins, with the signal's own reason, which is no failure.
 *
 * @param {import("lastcall").Service} service
 * @param {(signal: AbortSignal) => Promise<void>} sweep
 * @param {number} [period] milliseconds
 */
export function sweepCarts(service, sweep, period = 60_000) {
  service.task("sweep", async ({ stopping, signal }) => {
    while (!stopping.aborted) {
      await sweep(signal);
      await pause(period, undefined, { signal: stopping });
    }
  });
}
