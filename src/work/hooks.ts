import { doneBy, msSince, now } from "../clock.js";
import { DrainAbortedError, LastcallError, TimeoutError } from "../errors.js";
import type { Fence } from "../fence.js";
import type { HookStage } from "../phase.js";
import type { HookReport } from "../report.js";
import type { InContext } from "../request/current.js";

/** What a hook is given. */
export interface HookContext {
  /**
   * Aborts when the hook's time is over, or with a {@link DrainAbortedError} when the drain is cut short;
   * whatever it does then is not waited for.
   */
  readonly signal: AbortSignal;
  /** Why the drain began. */
  readonly reason: string;
}

/** A stop step. It has ended when what it returns is settled. */
export type HookFunction = (context: HookContext) => unknown;

/** Options of {@link Service.hook}. */
export interface HookOptions {
  /**
   * When it runs. `draining`: after the lame duck, when the listeners have closed, while requests in flight
   * finish: for servers and consumers that are not HTTP and go on while balancers notice. `closing`:
   * after all requests and tasks. `last`: after all other hooks, for what tells of the drain: telemetry, logs.
   * Default: `closing`.
   */
  stage?: HookStage;
  /**
   * Milliseconds it may take. Default, and most: the window of its stage. `draining`: until the cut, its
   * signal aborts at the abort instant as those of requests do. `closing`: the closing window. `last`: two
   * fifths of the closing window, which are kept for them.
   */
  timeout?: number;
  /**
   * Names of hooks of the same stage that must have ended before this one starts. `[]`: starts at once. Default:
   * of `closing` the hook registered next without `after`, the reverse order of registration; else `[]`.
   */
  after?: readonly string[];
}

interface Hook {
  readonly name: string;
  readonly run: HookFunction;
  readonly timeout: number;
  readonly after: readonly string[] | undefined;
}

/** When hooks must be done, and what to tell meanwhile. */
export interface HookRun {
  readonly reason: string;
  /** The instant past which none is waited for. */
  readonly end: number;
  /** Aborts when the drain is cut short: what has not started is skipped. */
  readonly cutoff: AbortSignal;
  /** Aborts when those that run are told to give up. */
  readonly aborting: AbortSignal;
  /** Calls a hook so that it finds its signal. */
  readonly inContext: InContext;
  readonly fence: Fence;
  started(name: string): void;
  ended(report: HookReport): void;
  unknown(hook: string, after: string): void;
}

/** Named stop steps of one kind, run in the order of their dependencies. */
export class Hooks {
  readonly kind: HookReport["kind"];
  readonly #hooks = new Map<string, Hook>();

  constructor(kind: HookReport["kind"]) {
    this.kind = kind;
  }

  /**
   * @throws {LastcallError} `ERR_LASTCALL_HOOK_DUPLICATE` for a name that is taken,
   * `ERR_LASTCALL_HOOK_CYCLE` when hooks would wait for each other.
   */
  add(hook: Hook): void {
    if (this.#hooks.has(hook.name)) {
      throw new LastcallError(
        "ERR_LASTCALL_HOOK_DUPLICATE",
        `There is a ${this.kind} hook named \`${hook.name}\` already; names are unique, so that reports can tell them apart`,
      );
    }
    this.#hooks.set(hook.name, hook);
    const cycle = this.#findCycle(hook.name);
    if (cycle === undefined) return;
    this.#hooks.delete(hook.name);
    throw new LastcallError(
      "ERR_LASTCALL_HOOK_CYCLE",
      `Hooks would wait for each other for ever: ${cycle.join(" after ")}`,
    );
  }

  get isEmpty(): boolean {
    return this.#hooks.size === 0;
  }

  /** The way from a hook back to itself through `after`, if there is one. */
  #findCycle(start: string): string[] | undefined {
    const visit = (name: string, path: string[]): string[] | undefined => {
      if (path.length > 0 && name === start) return [...path, name];
      if (path.includes(name)) return undefined;
      for (const next of this.#hooks.get(name)?.after ?? []) {
        const found = visit(next, [...path, name]);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return visit(start, []);
  }

  /** What each hook waits for, with the default order filled in. */
  #dependencies(run: HookRun): Map<string, readonly string[]> {
    const dependencies = new Map<string, readonly string[]>();
    // What is closed stands on what was opened before; what is told to stop, or to deliver, stands by itself.
    const isOrdered = this.kind === "closing";
    let next: string | undefined;
    for (const hook of [...this.#hooks.values()].reverse()) {
      for (const name of hook.after ?? []) {
        if (!this.#hooks.has(name)) run.unknown(hook.name, name);
      }
      dependencies.set(hook.name, hook.after ?? (next === undefined ? [] : [next]));
      if (hook.after === undefined && isOrdered) next = hook.name;
    }
    return dependencies;
  }

  /** Runs all; a hook that fails or hangs stops no other. Never rejects. */
  async run(run: HookRun): Promise<HookReport[]> {
    const dependencies = this.#dependencies(run);
    const started = new Map<string, Promise<HookReport>>();
    const start = (name: string): Promise<HookReport | undefined> => {
      const hook = this.#hooks.get(name);
      if (hook === undefined) return Promise.resolve(undefined);
      const known = started.get(name) ?? waitFor(dependencies.get(name) ?? [], hook);
      started.set(name, known);
      return known;
    };
    const waitFor = async (names: readonly string[], hook: Hook): Promise<HookReport> => {
      await Promise.all(names.map(start));
      return this.#runOne(hook, run);
    };
    for (const name of this.#hooks.keys()) void start(name);
    return Promise.all(started.values());
  }

  async #runOne(hook: Hook, run: HookRun): Promise<HookReport> {
    const startedAt = now();
    const end = (result: HookReport["result"], error?: string): HookReport => {
      const durationMs = msSince(startedAt);
      const report: HookReport = { name: hook.name, kind: this.kind, result, durationMs };
      if (error !== undefined) report.error = error;
      run.ended(report);
      return report;
    };
    if (run.cutoff.aborted || startedAt >= run.end) return end("skipped");
    run.started(hook.name);
    return this.#await(hook, run, startedAt, end);
  }

  async #await(
    hook: Hook,
    run: HookRun,
    startedAt: number,
    end: (result: HookReport["result"], error?: string) => HookReport,
  ): Promise<HookReport> {
    const controller = new AbortController();
    const { signal } = controller;
    let thrown: Error | undefined;
    const call = (): unknown => run.inContext(signal, hook.run, { signal, reason: run.reason });
    const work = run.fence.settle("hook", call, (error) => {
      thrown = error;
    });
    const finished = (): HookReport =>
      thrown === undefined ? end("done") : end("failed", thrown.message);
    const latest = Math.min(startedAt + hook.timeout, run.end);
    if (await doneBy(work, latest, run.aborting)) return finished();
    if (!run.aborting.aborted) {
      const message = `Hook \`${hook.name}\` did not end within ${msSince(startedAt)} ms`;
      controller.abort(new TimeoutError(message, Math.round(latest - startedAt)));
      return end("timeout", message);
    }
    const reason = new DrainAbortedError(run.cutoff.aborted ? 0 : Math.max(0, run.end - now()));
    controller.abort(reason);
    // As a request, it has the abort window to end because it was told to.
    if (!run.cutoff.aborted) await doneBy(work, latest, run.cutoff);
    return end("aborted", reason.message);
  }
}
