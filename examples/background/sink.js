// @ts-check
import { setTimeout as pause } from "node:timers/promises";

/**
 * Sends what handlers put into a buffer, twice a second. It is told to stop only when no request and no consumer
 * is left that could add to it, and sends the rest then.
 *
 * @param {import("lastcall").Service} service
 * @param {string[]} buffer
 * @param {(lines: string[], signal: AbortSignal) => Promise<void>} send
 */
export function sendAudit(service, buffer, send) {
  const flush = async (/** @type {AbortSignal} */ signal) => {
    if (buffer.length > 0) await send(buffer.splice(0), signal);
  };
  service.task(
    "audit",
    async ({ stopping, signal }) => {
      while (!stopping.aborted) {
        await pause(500, undefined, { signal: stopping }).catch(() => {});
        await flush(signal);
      }
      await flush(signal);
    },
    { kind: "sink" },
  );
}
