// @ts-check

/**
 * Takes messages until it is told to stop, and finishes the one in hand. A wait for the next message ends at
 * `stopping`; the work on one ends only at `signal`, when there is no time left.
 *
 * @param {import("lastcall").Service} service
 * @param {{ take(signal: AbortSignal): Promise<string>, done(message: string): Promise<void> }} queue
 * @param {(message: string, signal: AbortSignal) => Promise<void>} work
 */
export function consume(service, queue, work) {
  service.task("orders", async ({ stopping, signal }) => {
    while (!stopping.aborted) {
      const message = await queue.take(stopping);
      await work(message, signal);
      await queue.done(message);
    }
  });
}
