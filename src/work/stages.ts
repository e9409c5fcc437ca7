import type { Budget } from "../budget.js";
import { checkNamed, LastcallError } from "../errors.js";
import { readGiven, type Given } from "../options/read.js";
import { valueOf } from "../options/row.js";
import { HOOK } from "../options/table.js";
import type { HookReport } from "../report.js";
import { Hooks, type HookFunction, type HookOptions } from "./hooks.js";

/** Where in a drain hooks run, and how long each window is, in milliseconds. */
interface Window {
  /** What a hook may ask for at most. */
  readonly most: number;
  /** What it has without asking. */
  readonly usual: number;
  /** Which option makes it longer. */
  readonly option: string;
}

/** The last hooks' part of the closing window: kept for them, whatever the others take. */
const LAST_SHARE = 2 / 5;

/** The hooks of a service, by where in the drain they run. */
export class Stages {
  readonly draining: Hooks = new Hooks("draining");
  readonly closing: Hooks = new Hooks("closing");
  readonly last: Hooks = new Hooks("last");
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** What is kept of the closing window for the last hooks, in milliseconds. */
  get lastMs(): number {
    return this.last.isEmpty ? 0 : this.#budget.closingMs * LAST_SHARE;
  }

  /**
   * Registers a hook of `service.hook()`.
   * @throws {LastcallError} As {@link Service.hook}.
   */
  add(name: string, run: HookFunction, options: HookOptions): void {
    checkNamed(name, run);
    const { stage = valueOf(HOOK.stage), ...rest } = readGiven<HookOptions>(HOOK, options);
    this.#add(this[stage], { name, run }, rest);
  }

  #add(
    hooks: Hooks,
    { name, run }: { name: string; run: HookFunction },
    given: Given<Omit<HookOptions, "stage">>,
  ): void {
    const { most, usual, option } = this.#window(hooks.kind);
    const { timeout = usual, after } = given;
    if (timeout > most || most === 0) {
      throw new LastcallError(
        "ERR_LASTCALL_BUDGET",
        `The timeout of hook \`${name}\`, ${timeout} ms, does not fit into its window of ${most} ms. ` +
          `Shorten it, or raise ${option}`,
      );
    }
    hooks.add({ name, run, timeout, after });
  }

  #window(kind: HookReport["kind"]): Window {
    const { drainingMs, abortingMs, closingMs } = this.#budget;
    switch (kind) {
      case "draining": {
        const most = drainingMs + abortingMs;
        return { most, usual: most, option: "`gracePeriod`" };
      }
      case "closing":
        return { most: closingMs, usual: closingMs, option: "`closingWindow` or `gracePeriod`" };
      case "last": {
        const most = closingMs * LAST_SHARE;
        return { most, usual: most, option: "`closingWindow` or `gracePeriod`" };
      }
    }
  }
}
