import { checkName, checkNamed, wrongArgument } from "../errors.js";
import type { Fence } from "../fence.js";
import type { Journal } from "../journal.js";
import { readGiven } from "../options/read.js";
import { valueOf } from "../options/row.js";
import { TASK, WAIT_UNTIL } from "../options/table.js";
import type { UntrackedPolicy } from "../phase.js";
import type { TaskReport } from "../report.js";
import { currentRequest, type InContext } from "../request/current.js";
import type { Life } from "../service/life.js";
import { Starts } from "./starts.js";
import { Tasks, type TaskFunction, type TaskOptions, type WaitUntilOptions } from "./tasks.js";
import { nameAll, Untracked } from "./untracked.js";

/** What {@link Work} needs of its service. */
export interface WorkOwner {
  readonly life: Life;
  readonly journal: Journal;
  readonly fence: Fence;
  readonly inContext: InContext;
  /** Whether something that is alive is lastcall's own. */
  isOwn(object: object): boolean;
  /** A start has begun, or the last one is over. */
  startsChanged(): void;
  /** A task has failed whose failure stops the service. */
  stop(reason: string): void;
}

/** The work of one service that is no request: starts, tasks, promises that are waited for, and what is untracked. */
export class Work {
  readonly starts: Starts;
  readonly tasks: Tasks;
  readonly untracked: Untracked;
  readonly #owner: WorkOwner;

  constructor(owner: WorkOwner) {
    const { life, journal, fence, inContext } = owner;
    const [stopping, aborting] = [life.stopping.signal, life.aborting.signal];
    this.#owner = owner;
    this.starts = new Starts({ stopping, aborting, changed: () => owner.startsChanged() });
    this.tasks = new Tasks(stopping, aborting, inContext, {
      fence,
      started: (name) => journal.tell("task-start", { name }),
      ended: (report) => journal.tell("task-end", report),
      failed: (report, onFailure) => this.#taskFailed(report, onFailure),
    });
    this.untracked = new Untracked((object) => owner.isOwn(object), fence);
  }

  /** As {@link Service.starting}. */
  starting<T>(promise: PromiseLike<T>, name: string): Promise<T> {
    checkPromise(promise);
    checkName(name);
    return this.starts.follow(name, promise);
  }

  /** As {@link Service.task}. */
  task(name: string, run: TaskFunction, options: TaskOptions): void {
    const { life, journal } = this.#owner;
    checkNamed(name, run);
    life.refuseWhenOver(`start the task \`${name}\``);
    const given = readGiven<TaskOptions>(TASK, options);
    const { kind = valueOf(TASK.kind), onFailure = valueOf(TASK.onFailure) } = given;
    if (life.isStopping) {
      journal.warn("late-start", `Task \`${name}\` was not started: the drain had begun`);
      return;
    }
    this.tasks.start(name, run, { kind, onFailure });
  }

  #taskFailed({ name, error, method, route }: TaskReport, onFailure: "report" | "stop"): void {
    const { life, journal } = this.#owner;
    const whose = route === undefined ? "" : ` of ${method} ${route}`;
    journal.warn("task-failed", `Task \`${name}\`${whose} failed: ${error}`);
    if (onFailure === "stop" && !life.isUninstalled) this.#owner.stop(`task \`${name}\` failed`);
  }

  /** As {@link Service.waitUntil}. */
  waitUntil(promise: PromiseLike<unknown>, options: string | WaitUntilOptions): void {
    checkPromise(promise);
    if (typeof options === "string") checkName(options);
    const { name = valueOf(WAIT_UNTIL.name), request = currentRequest() } =
      readGiven<WaitUntilOptions>(
        WAIT_UNTIL,
        typeof options === "string" ? { name: options } : options,
      );
    this.tasks.follow(name, promise, request);
  }

  /** Resolves when nothing is left that takes work from elsewhere, or belongs to a request or a start. */
  get finished(): Promise<unknown> {
    return Promise.all([this.starts.whenOver(), this.tasks.consumersSettled]);
  }

  /** Whether the program has told of anything that it does. */
  get isTold(): boolean {
    return this.starts.wasTold || this.tasks.hasStarted;
  }

  /** Pools are closed by now: what is alive still, the exit is going to cut. */
  async noticeUntracked(policy: UntrackedPolicy, end: number): Promise<void> {
    const { life, journal } = this.#owner;
    const latest = policy === "wait" ? end : 0;
    const left = await this.untracked.settle(latest, end, life.cutoff.signal);
    journal.tell("untracked", left);
    if (left.length === 0) return;
    journal.warn(
      "untracked-work",
      `Alive at the end of the drain, and cut by the exit: ${nameAll(left)}. Close it in a hook, or tell of it with task() or waitUntil()`,
    );
  }

  /** What failed, gave up, or is not over. */
  report(): TaskReport[] {
    return [...this.starts.report(), ...this.tasks.report()];
  }
}

/** @throws {LastcallError} `ERR_LASTCALL_ARGUMENT`. */
function checkPromise(promise: unknown): void {
  if (typeof (promise as PromiseLike<unknown> | undefined)?.then === "function") return;
  throw wrongArgument("promise", "a promise", promise);
}
