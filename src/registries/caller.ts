import { doneBy, now } from "../clock.js";
import { DrainAbortedError, TimeoutError } from "../errors.js";
import type { Fence } from "../fence.js";
import type { InContext } from "../request/current.js";
import type { RegistryFunction } from "./registry-calls.js";

/** What came of a call. */
export interface Answer {
  readonly value?: unknown;
  /** What it threw, or that it did not end in its time, or was not wanted any more. */
  readonly error?: Error;
  readonly isLate: boolean;
}

/** A call of the application's, and the bounds of its time. */
export interface Call {
  /** As the report names it: `leave`. */
  readonly name: string;
  readonly run: RegistryFunction;
  /** The instant at which it is given up. */
  readonly latest: number;
  /** Gives it up earlier. */
  readonly unwanted: AbortSignal;
}

/** Calls what an application gave for a registry, and waits for no more than its time. */
export class Caller {
  readonly #fence: Fence;
  readonly #inContext: InContext;
  #underway: Promise<void> = Promise.resolve();

  constructor(fence: Fence, inContext: InContext) {
    this.#fence = fence;
    this.#inContext = inContext;
  }

  /** Resolves when the last call has really ended, given up or not. Never rejects. */
  get ended(): Promise<void> {
    return this.#underway;
  }

  /** Waits for that, and no longer than this many milliseconds. Resolves to whether it has ended. */
  quiet(within: number, cutoff?: AbortSignal): Promise<boolean> {
    return doneBy(this.#underway, now() + within, cutoff, false);
  }

  /** Never rejects. */
  async call({ name, run, latest, unwanted }: Call): Promise<Answer> {
    const controller = new AbortController();
    const { signal } = controller;
    const begun = now();
    let value: unknown;
    let error: Error | undefined;
    const work = this.#fence.settle(
      "registry",
      async () => {
        value = await this.#inContext(signal, run, { signal });
      },
      (thrown) => {
        error = thrown;
      },
    );
    this.#underway = work;
    if (await doneBy(work, latest, unwanted, false)) {
      return error === undefined ? { value, isLate: false } : { error, isLate: false };
    }
    const ms = Math.round(now() - begun);
    const reason = unwanted.aborted
      ? new DrainAbortedError(0)
      : new TimeoutError(`\`${name}\` did not end within ${ms} ms`, ms);
    controller.abort(reason);
    return { error: reason, isLate: !unwanted.aborted };
  }
}
