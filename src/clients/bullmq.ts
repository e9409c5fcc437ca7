/**
 * BullMQ: workers that take no new job when the drain begins, and finish those they have.
 *
 * @module
 */
import type { Worker } from "bullmq";

import type { Service, TaskContext } from "../index.js";
import { whenAborted } from "./statement.js";

/** Options of {@link attachWorker}. */
export interface WorkerOptions {
  /** Name of the task. Default: `bullmq worker`, with the queue's name. */
  name?: string;
}

/** What newer versions have too: it aborts the signal that a job's processor is given. */
interface Cancelling {
  cancelAllJobs?(reason?: string): void;
}

/**
 * Takes a worker into care. When the drain begins it takes no new job and finishes those it has; at the abort
 * instant their signals abort (`processor(job, token, signal)`, BullMQ 5.61 and newer). A job that is then
 * cut is run again by another worker, when its lock has expired.
 *
 * @throws {LastcallError} as {@link Service.task} does.
 */
export function attachWorker(
  service: Pick<Service, "task">,
  worker: Worker,
  { name = `bullmq worker ${worker.name}` }: WorkerOptions = {},
): void {
  service.task(name, async ({ stopping, signal }: TaskContext) => {
    const cancel = (): void => (worker as Cancelling).cancelAllJobs?.(String(signal.reason));
    signal.addEventListener("abort", cancel, { once: true });
    await whenAborted(stopping);
    await worker.close();
  });
}
