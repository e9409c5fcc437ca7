import { callAfter, now } from "../clock.js";
import { toError, textOf } from "../errors.js";

/** What a readiness check is given. */
export interface CheckContext {
  /** Aborts when the check has taken too long; what it does then is not waited for. */
  readonly signal: AbortSignal;
}

/** Fails by throwing, rejecting, returning false, or taking too long. Anything else passes. */
export type Check = (context: CheckContext) => unknown;

/** How a check went. */
export type CheckResult = "passed" | "failed" | "timeout";

/** How readiness checks are run, in milliseconds. */
export interface CheckTimes {
  readonly timeout: number;
  /** How old a result may be. */
  readonly age: number;
}

/** The readiness checks of a service: bounded in time, failing closed, and run no more often than their results grow old. */
export class Checks {
  readonly #checks: readonly RunningCheck[];
  readonly #times: CheckTimes;
  #last:
    { readonly at: number; readonly results: Readonly<Record<string, CheckResult>> } | undefined;
  #running: Promise<Readonly<Record<string, CheckResult>>> | undefined;

  /** `failed`: one fails that did not before. */
  constructor(
    checks: Readonly<Record<string, Check>>,
    times: CheckTimes,
    failed: (name: string, why: string) => void,
  ) {
    this.#times = times;
    this.#checks = Object.entries(checks).map(
      ([name, check]) => new RunningCheck(name, check, failed),
    );
  }

  /** The last results, unless they are too old. */
  get fresh(): Readonly<Record<string, CheckResult>> | undefined {
    if (this.#last === undefined || now() - this.#last.at > this.#times.age) return undefined;
    return this.#last.results;
  }

  /** Runs all of them; those who ask meanwhile have the same results. Never rejects, and is over within the timeout. */
  run(): Promise<Readonly<Record<string, CheckResult>>> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<Readonly<Record<string, CheckResult>>> {
    const rows = this.#checks.map(async (check) => {
      return [check.name, await check.run(this.#times.timeout)] as const;
    });
    const results = Object.fromEntries(await Promise.all(rows));
    this.#last = { at: now(), results };
    return results;
  }
}

/** One check. While a call of it hangs no second one is made: a database that is slow would have one more for each probe. */
class RunningCheck {
  readonly name: string;
  readonly #check: Check;
  readonly #failed: (name: string, why: string) => void;
  #pending: Promise<CheckResult> | undefined;
  #hasFailed = false;

  constructor(name: string, check: Check, failed: (name: string, why: string) => void) {
    this.name = name;
    this.#check = check;
    this.#failed = failed;
  }

  async run(timeout: number): Promise<CheckResult> {
    const controller = new AbortController();
    this.#pending ??= this.#call(controller.signal).finally(() => {
      this.#pending = undefined;
    });
    const pending = this.#pending;
    const result = await new Promise<CheckResult>((resolve) => {
      const stop = callAfter(timeout, () => resolve("timeout"));
      void pending.then(resolve).finally(stop);
    });
    if (result === "timeout") {
      controller.abort();
      this.#tell(`it took longer than ${timeout} ms`);
    }
    if (result === "passed") this.#hasFailed = false;
    return result;
  }

  async #call(signal: AbortSignal): Promise<CheckResult> {
    try {
      if ((await this.#check({ signal })) !== false) return "passed";
      this.#tell("it returned false");
    } catch (thrown) {
      this.#tell(textOf(toError(thrown).message));
    }
    return "failed";
  }

  #tell(why: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failed(this.name, why);
  }
}
