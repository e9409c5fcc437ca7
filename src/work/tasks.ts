import { msSince, now } from "../clock.js";
import { toError } from "../errors.js";
import type { TaskReport } from "../report.js";

/** What a task is given. */
export interface TaskContext {
  /** Aborts when the drain begins: take no new work. */
  readonly stopping: AbortSignal;
  /** Aborts at the abort instant of the drain: give up. Its reason is a {@link DrainAborted}. */
  readonly signal: AbortSignal;
}

/** Work that belongs to no request. */
export type TaskFunction = (context: TaskContext) => unknown;

interface Running {
  readonly name: string;
  readonly startedAt: number;
}

/** Whom to tell of tasks. */
export interface TaskWatcher {
  started(name: string): void;
  ended(report: TaskReport): void;
}

/** The background work that a drain waits for. */
export class Tasks {
  readonly #running = new Set<Running>();
  readonly #unwell: TaskReport[] = [];
  readonly #giveUp: AbortSignal;
  readonly #stopping: AbortSignal;
  readonly #watcher: TaskWatcher;
  #whenSettled: (() => void)[] = [];

  constructor(stopping: AbortSignal, giveUp: AbortSignal, watcher: TaskWatcher) {
    this.#stopping = stopping;
    this.#giveUp = giveUp;
    this.#watcher = watcher;
  }

  /** Starts a task. Whatever it throws ends in the report, never as an unhandled rejection. */
  start(name: string, run: TaskFunction): void {
    const context = { stopping: this.#stopping, signal: this.#giveUp };
    this.follow(
      name,
      // In a microtask, so that a task that throws at once fails like any other.
      Promise.resolve().then(() => run(context)),
    );
  }

  /** Follows a promise to its end. */
  follow(name: string, promise: PromiseLike<unknown>): void {
    const task: Running = { name, startedAt: now() };
    this.#running.add(task);
    this.#watcher.started(name);
    // Not `promise.then`: somebody's own thenable may throw in it, and would be waited for in vain.
    Promise.resolve(promise).then(
      () => this.#end(task, { result: "done" }),
      (error: unknown) => this.#end(task, this.#judge(toError(error))),
    );
  }

  /** A task that ends by throwing what its signal told it does what it was asked to. */
  #judge(error: Error): Pick<TaskReport, "result" | "error"> {
    if (isReason(error, this.#giveUp)) return { result: "aborted", error: error.message };
    if (isReason(error, this.#stopping)) return { result: "done" };
    return { result: "failed", error: error.message };
  }

  #end(task: Running, end: Pick<TaskReport, "result" | "error">): void {
    this.#running.delete(task);
    const report = { name: task.name, durationMs: msSince(task.startedAt), ...end };
    // One that failed long before is no part of the stop, and years of them must not pile up.
    if (end.result !== "done" && this.#stopping.aborted) this.#unwell.push(report);
    this.#watcher.ended(report);
    if (this.#running.size > 0) return;
    for (const settle of this.#whenSettled.splice(0)) settle();
  }

  /** Resolves when nothing runs any more. */
  get settled(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenSettled.push(resolve));
  }

  /** Those that failed or gave up since the drain began, and those that still run. */
  report(): TaskReport[] {
    const left = [...this.#running].map(({ name, startedAt }): TaskReport => ({
      name,
      result: "left",
      durationMs: msSince(startedAt),
    }));
    return [...this.#unwell, ...left];
  }
}

/** Whether an error is a signal's reason, as such or as the cause of Node's own AbortError. */
function isReason(error: Error, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || error.cause === signal.reason);
}
