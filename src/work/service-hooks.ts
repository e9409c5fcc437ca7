import type { Budget, Instants } from "../budget.js";
import type { Fence } from "../fence.js";
import type { Journal } from "../journal.js";
import type { InContext } from "../request/current.js";
import type { Life } from "../service/life.js";
import type { HookFunction, HookOptions, HookRun, Hooks } from "./hooks.js";
import { Stages } from "./stages.js";
import type { Starts } from "./starts.js";

/** What {@link ServiceHooks} needs of its service. */
export interface HooksOwner {
  readonly life: Life;
  readonly journal: Journal;
  readonly fence: Fence;
  readonly inContext: InContext;
  readonly starts: Starts;
  /** As the options say. */
  readonly plan: Budget;
  /** As it is now. */
  budget(): Budget;
}

/** The hooks of one service: the drain runs each stage in its turn; what comes after its own runs at once. */
export class ServiceHooks {
  readonly #owner: HooksOwner;
  readonly #stages: Stages;
  /** Those of a stage that was over when they came. */
  readonly #lateRuns: Promise<unknown>[] = [];
  #running: { readonly reason: string; readonly at: Instants } | undefined;

  constructor(owner: HooksOwner) {
    this.#owner = owner;
    this.#stages = new Stages(owner.plan);
  }

  /** As {@link Service.hook}. */
  add(name: string, run: HookFunction, options: HookOptions): void {
    const { life } = this.#owner;
    life.refuseWhenClosing(`register the hook \`${name}\``);
    const isLate = this.#running !== undefined && life.phase !== "lame-duck";
    const isPast = isLate && (options as HookOptions | null)?.stage === "draining";
    const stages = isPast ? this.#late() : this.#stages;
    stages.add(name, run, options);
    this.#catchUp(name, stages);
  }

  #late(): Stages {
    return new Stages(this.#owner.budget());
  }

  /** What belongs to a stage that is over runs at once: part of a start, which the stop waits for. */
  #catchUp(name: string, { draining }: Stages): void {
    if (this.#running === undefined || draining === this.#stages.draining) return;
    const run = this.#run(draining, this.#running.at.cut);
    this.#lateRuns.push(run);
    void this.#owner.starts.follow(name, run);
  }

  /** Resolves when what came late has ended, or was given up. */
  get lateSettled(): Promise<unknown> {
    return Promise.all(this.#lateRuns);
  }

  /** Whether something runs when the lame duck is over, for servers that are not HTTP. */
  get hasServers(): boolean {
    return !this.#stages.draining.isEmpty;
  }

  /** Whether something is to be closed. */
  get hasClosing(): boolean {
    return !this.#stages.closing.isEmpty;
  }

  /** What is kept of the closing window for the last hooks, in milliseconds. */
  get lastMs(): number {
    return this.#stages.lastMs;
  }

  /** The drain begins. */
  begin(reason: string, at: Instants): void {
    this.#running = { reason, at };
  }

  /** Runs a stage until `end`. Never rejects. */
  run(stage: Hooks["kind"], end: number): Promise<unknown> {
    return this.#run(this.#stages[stage], end);
  }

  #run(hooks: Hooks, end: number): Promise<unknown> {
    const { life, inContext, journal, fence } = this.#owner;
    const cutoff = life.cutoff.signal;
    const isWork = hooks.kind === "draining";
    const run: HookRun = {
      reason: this.#running?.reason ?? "",
      end,
      cutoff,
      // Told by the drain and not by a clock of their own, which might be the first and look like an end in time.
      aborting: isWork ? life.aborting.signal : cutoff,
      inContext,
      fence,
      started: (name) => journal.tell("hook-start", { name, kind: hooks.kind }),
      ended: (report) => journal.tell("hook-end", report),
      unknown: (hook, after) => {
        journal.warn(
          "unknown-hook",
          `Hook \`${hook}\` comes after \`${after}\`, which does not exist`,
        );
      },
    };
    // A rejection would end what is waited for together with them.
    return fence.step("run hooks", () => hooks.run(run));
  }
}
