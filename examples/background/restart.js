// @ts-check
import pRetry from "p-retry";

/**
 * Starts again what fails, later each time, until the drain begins. Ten failures in a row are one of the task: the
 * service stops, and what runs it may start it again.
 *
 * @param {import("lastcall").Service} service
 * @param {(signal: AbortSignal) => Promise<void>} watch
 * @param {{ retries?: number, minTimeout?: number }} [options]
 */
export function keepWatching(service, watch, { retries = 10, minTimeout = 1_000 } = {}) {
  service.task(
    "watch",
    ({ stopping }) => pRetry(() => watch(stopping), { retries, minTimeout, signal: stopping }),
    { onFailure: "stop" },
  );
}
