import { now } from "../clock.js";
import type { Fence } from "../fence.js";
import type { InContext } from "../request/current.js";
import type { RegistryReport } from "../report.js";
import { Caller } from "./caller.js";
import type { RegistryCalls, RegistryOptions } from "./registry-calls.js";
import { Entry } from "./entry.js";
import { LAST_BEAT, Leaving, type Stop } from "./leaving.js";
import type { RegistryTimes } from "./times.js";

/** What registries need of their service. */
export interface RegistriesOwner {
  readonly fence: Fence;
  readonly inContext: InContext;
  entered(name: string): void;
  left(report: RegistryReport): void;
  warn(code: "registry-failed" | "registry-reentered", message: string): void;
}

/** One registry in which the service is listed. */
export class Registry {
  readonly name: string;
  readonly #calls: RegistryCalls;
  readonly #times: RegistryTimes;
  readonly #onFailure: NonNullable<RegistryOptions["onFailure"]>;
  readonly #owner: RegistriesOwner;
  readonly #caller: Caller;
  readonly #entry: Entry;
  #leaving: Leaving | undefined;
  #isWanted = false;
  #withdrawn: Promise<void> = Promise.resolve();

  constructor(
    given: { name: string; calls: RegistryCalls; times: RegistryTimes; onFailure: "warn" | "fail" },
    owner: RegistriesOwner,
  ) {
    this.name = given.name;
    this.#calls = given.calls;
    this.#times = given.times;
    this.#onFailure = given.onFailure;
    this.#owner = owner;
    this.#caller = new Caller(owner.fence, owner.inContext);
    this.#entry = new Entry(given.calls, given.times, this.#caller, {
      entered: () => owner.entered(this.name),
      failed: (message) => this.#failed(message),
    });
  }

  /** How long its readers are given, in milliseconds. */
  get settle(): number {
    return this.#times.settle;
  }

  /** The service is ready. */
  enter(): void {
    this.#isWanted = true;
    void this.#withdrawn.then(() => {
      if (this.#isWanted) this.#entry.start();
    });
  }

  /** The service is not ready any more, and does not stop: it may come back. */
  withdraw(): void {
    this.#isWanted = false;
    this.#entry.stop();
    this.#withdrawn = this.#withdraw();
  }

  async #withdraw(): Promise<void> {
    if (this.#calls.enter === undefined || !this.#entry.isKnown) return;
    await this.#caller.quiet(LAST_BEAT);
    const { leave: run } = this.#calls;
    const { signal: unwanted } = new AbortController();
    const latest = now() + this.#times.timeout;
    const { error } = await this.#caller.call({ name: "leave", run, latest, unwanted });
    if (error === undefined) this.#entry.left();
    else this.#failed(`leave: ${error.message}`);
  }

  /** The stop has begun. Resolves when it is left, or there is no more time for it. Never rejects. */
  async leave(stop: Stop, moved: () => void): Promise<void> {
    const { name } = this;
    this.#isWanted = false;
    const parts = {
      calls: this.#calls,
      times: this.#times,
      entry: this.#entry,
      caller: this.#caller,
    };
    this.#leaving = new Leaving(parts, stop, {
      moved,
      failed: (message) => this.#failed(message),
      reentered: (wasGone) => {
        const what = wasGone ? "lists the instance again" : "still lists the instance";
        this.#owner.warn(
          "registry-reentered",
          `Registry \`${name}\` ${what} after it was left, so it was left once more. Is there a heartbeat that lastcall is not told of?`,
        );
      },
    });
    await this.#leaving.run();
    this.#owner.left(this.report);
  }

  /** Its readers may send clients here until then. */
  get until(): number {
    return this.#leaving?.until ?? Number.NEGATIVE_INFINITY;
  }

  /** As of {@link Leaving}; undefined before the stop. */
  get letGoAt(): number | undefined {
    return this.#leaving?.letGoAt;
  }

  get report(): RegistryReport {
    const {
      result = "skipped",
      error,
      leftMs = null,
      goneMs = null,
      reentered = 0,
    } = this.#leaving ?? {};
    const report = {
      name: this.name,
      result,
      leftMs,
      goneMs,
      reentered,
      onFailure: this.#onFailure,
    };
    return error === undefined || result === "left" ? report : { ...report, error };
  }

  #failed(message: string): void {
    this.#owner.warn("registry-failed", `Registry \`${this.name}\`: ${message}`);
  }
}
