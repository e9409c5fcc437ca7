import { msSince, now } from "../clock.js";
import { isReason } from "../errors.js";
import type { Fence } from "../fence.js";
import type { TaskReport } from "../report.js";
import type { InContext } from "../request/current.js";
import { describeRequest } from "../request/route.js";
import { owe, type AnyRequest, type Debt } from "../request/signal.js";
import { LazyAbort } from "./lazy-abort.js";

/** What a task is given. */
export interface TaskContext {
  /**
   * Aborts when the task is to take no new work: for a consumer when the drain begins, for a sink when
   * nothing is left that could hand it any.
   */
  readonly stopping: AbortSignal;
  /** Aborts at the abort instant of the drain: give up. Its reason is a {@link DrainAbortedError}. */
  readonly signal: AbortSignal;
}

/** Work that belongs to no request. */
export type TaskFunction = (context: TaskContext) => unknown;

/** Options of {@link Service.task}. */
export interface TaskOptions {
  /**
   * `consumer`: takes its work from elsewhere, a queue or a clock. Told to stop when the drain begins, and
   * waited for together with the requests. `sink`: takes what requests and consumers hand it, such as a
   * buffer of messages to send. Told to stop once they are all over, at the abort instant at the latest, and
   * waited for then. Default: `"consumer"`.
   */
  kind?: "consumer" | "sink";
  /**
   * What follows when it fails before the drain. `report`: a warning. `stop`: the service drains, with the
   * outcome `failed`, and the process ends as after a signal. Default: `"report"`.
   */
  onFailure?: "report" | "stop";
}

/** Options of {@link Service.waitUntil}. */
export interface WaitUntilOptions {
  /** What to call it in the report. Default: `"waitUntil"`. */
  name?: string;
  /** The request it belongs to. Default: `currentRequest()`, with the option `currentSignal`. */
  request?: AnyRequest;
}

/** A task to follow. */
interface Followed extends Required<TaskOptions> {
  readonly name: string;
  readonly debt?: Debt | undefined;
}

interface Running extends Followed {
  readonly startedAt: number;
}

type End = Pick<TaskReport, "result" | "error">;

/** What is told of tasks. */
export interface TaskWatcher {
  readonly fence: Fence;
  started(name: string): void;
  ended(report: TaskReport): void;
  /** One has failed before the drain. */
  failed(report: TaskReport, onFailure: "report" | "stop"): void;
}

/** The background work that a drain waits for. */
export class Tasks {
  readonly #running = new Set<Running>();
  readonly #unwell: TaskReport[] = [];
  readonly #giveUp: AbortSignal;
  readonly #stopping: AbortSignal;
  readonly #sinksStopping = new LazyAbort();
  readonly #watcher: TaskWatcher;
  readonly #inContext: InContext;
  #hasStarted = false;
  #waiting: { readonly isOver: () => boolean; readonly resolve: () => void }[] = [];

  /** `inContext`: calls a task so that it finds its signal. */
  constructor(
    stopping: AbortSignal,
    giveUp: AbortSignal,
    inContext: InContext,
    watcher: TaskWatcher,
  ) {
    this.#stopping = stopping;
    this.#giveUp = giveUp;
    this.#inContext = inContext;
    this.#watcher = watcher;
  }

  /** Starts a task. Whatever it throws ends in the report, never as an unhandled rejection. */
  start(name: string, run: TaskFunction, options: Required<TaskOptions>): void {
    const stopping = options.kind === "sink" ? this.#sinksStopping.signal : this.#stopping;
    const context = { stopping, signal: this.#giveUp };
    this.#follow({ name, ...options }, () => this.#inContext(this.#giveUp, run, context));
  }

  /** Follows a promise to its end. */
  follow(name: string, promise: PromiseLike<unknown>, request: AnyRequest | undefined): void {
    const debt = request && owe(request);
    this.#follow({ name, kind: "consumer", onFailure: "report", debt }, () => promise);
  }

  #follow(followed: Followed, run: () => unknown): void {
    const task: Running = { ...followed, startedAt: now() };
    this.#running.add(task);
    this.#hasStarted = true;
    this.#watcher.started(task.name);
    const ended = (error: Error | undefined): void => {
      this.#end(task, error === undefined ? { result: "done" } : this.#judge(error, task));
    };
    void this.#watcher.fence.settle("task", run, ended);
  }

  /** A task that ends by throwing what its signal told it does what it was asked to. */
  #judge(error: Error, { debt }: Running): End {
    const wasTold = isReason(error, this.#giveUp);
    if (wasTold) return { result: "aborted", error: error.message };
    if (isReason(error, this.#stopping) || this.#sinksStopping.isReason(error)) {
      return { result: "done" };
    }
    // The request's own: its client is gone, which is no failure.
    if (debt !== undefined && isReason(error, debt.signal)) return { result: "done" };
    return { result: "failed", error: error.message };
  }

  #end(task: Running, end: End): void {
    this.#running.delete(task);
    task.debt?.settle();
    const report = this.#reportOf(task, end);
    const isEarly = !this.#stopping.aborted;
    // One that failed long before is no part of the stop, and years of them must not pile up.
    const isPart = !isEarly || task.onFailure === "stop";
    if (end.result !== "done" && isPart) this.#unwell.push(report);
    this.#watcher.ended(report);
    if (end.result === "failed" && isEarly) this.#watcher.failed(report, task.onFailure);
    this.#settle();
  }

  #settle(): void {
    this.#waiting = this.#waiting.filter(({ isOver, resolve }) => {
      if (!isOver()) return true;
      resolve();
      return false;
    });
  }

  /** Resolves when nothing runs any more that takes work from elsewhere or belongs to a request. */
  get consumersSettled(): Promise<void> {
    return this.#when(() => [...this.#running].every(({ kind }) => kind === "sink"));
  }

  /** Resolves when nothing runs any more. */
  get settled(): Promise<void> {
    return this.#when(() => this.#running.size === 0);
  }

  #when(isOver: () => boolean): Promise<void> {
    if (isOver()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isOver, resolve }));
  }

  /** Whether there ever was one. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Nothing is left that could hand work to a sink. */
  stopSinks(): void {
    this.#sinksStopping.abort();
  }

  /** The requests that something unfinished belongs to. */
  get requests(): AnyRequest[] {
    const debts = [...this.#running].map(({ debt }) => debt);
    return debts.filter((debt) => debt !== undefined).map(({ request }) => request);
  }

  /** Those that failed or gave up since the drain began, and those that still run. */
  report(): TaskReport[] {
    const left = [...this.#running].map((task) => this.#reportOf(task, { result: "left" }));
    return [...this.#unwell, ...left];
  }

  #reportOf({ name, startedAt, debt }: Running, { result, error }: End): TaskReport {
    return {
      name,
      result,
      durationMs: msSince(startedAt),
      ...(error !== undefined && { error }),
      ...(debt && describeRequest(debt.request, this.#watcher.fence)),
    };
  }
}
