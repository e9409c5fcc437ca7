import { doneBy, msSince, now } from "../clock.js";
import { DrainAborted, LastcallError, TimeoutError, toError } from "../errors.js";
import type { HookReport } from "../report.js";
import type { InContext } from "../request/ambient.js";

/** What a hook is given. */
export interface HookContext {
  /**
   * Aborts when the hook's time is over, or with a {@link DrainAborted} when the drain is cut short;
   * whatever it does then is not waited for.
   */
  readonly signal: AbortSignal;
  /** Why the drain began. */
  readonly reason: string;
}

/** A stop step. It has ended when what it returns is settled. */
export type HookFunction = (context: HookContext) => unknown;

/** Options of {@link Service.hook} and {@link Service.deregister}. */
export interface HookOptions {
  /**
   * Milliseconds it may take. Default: the whole closing window for a hook; for leaving a registry
   * 2,000, or the lame duck if that is longer.
   */
  timeout?: number;
  /**
   * Names of hooks of the same kind that must have ended before this one starts. Default: the hook
   * registered next without `after`: the reverse order of registration. `[]`: starts at once.
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
  /** Calls a hook so that it finds its signal. */
  readonly inContext: InContext;
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
    let next: string | undefined;
    for (const hook of [...this.#hooks.values()].reverse()) {
      for (const name of hook.after ?? []) {
        if (!this.#hooks.has(name)) run.unknown(hook.name, name);
      }
      dependencies.set(hook.name, hook.after ?? (next === undefined ? [] : [next]));
      if (hook.after === undefined) next = hook.name;
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
    const work = Promise.resolve()
      .then(() => run.inContext(signal, hook.run, { signal, reason: run.reason }))
      .catch((error: unknown) => {
        thrown = toError(error);
      });
    const latest = Math.min(startedAt + hook.timeout, run.end);
    if (await doneBy(work, latest, run.cutoff)) {
      return thrown === undefined ? end("done") : end("failed", thrown.message);
    }
    if (run.cutoff.aborted) {
      const reason = new DrainAborted(0);
      controller.abort(reason);
      return end("aborted", reason.message);
    }
    const message = `Hook \`${hook.name}\` did not end within ${msSince(startedAt)} ms`;
    controller.abort(new TimeoutError(message, Math.round(latest - startedAt)));
    return end("timeout", message);
  }
}
