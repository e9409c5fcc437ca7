import { msSince, now, until } from "../clock.js";
import { textOf } from "../errors.js";
import type { RegistryReport } from "../report.js";
import type { Caller } from "./caller.js";
import type { RegistryCalls } from "./registry-calls.js";
import { pauseAfter, type Entry } from "./entry.js";
import type { RegistryTimes } from "./times.js";

/** How long a beat that was told to give up is waited for before the registry is left, in ms. */
export const LAST_BEAT = 500;

/** How often something may register the instance again and have it taken out again. */
const MOST_AGAIN = 3;

/** How often at least, and at most, it is looked whether the instance is gone, in ms between two looks. */
const LOOKS = { least: 50, most: 1_000 };

/** When and how a registry is left. */
export interface Stop {
  /** The drain began. */
  readonly start: number;
  /** Nothing is waited for after this instant. */
  readonly latest: number;
  /** Whether readers are given their time: there is a lame duck. */
  readonly settles: boolean;
  /** Aborts when the drain is cut short. */
  readonly cutoff: AbortSignal;
  /** Aborts when the listeners have closed: nothing is to be looked for any more. */
  readonly over: AbortSignal;
}

/** What leaving tells. */
export interface LeavingOwner {
  /** {@link Leaving.until} has changed. */
  moved(): void;
  failed(message: string): void;
  /** It is listed again, or, where it was not seen to be gone, still. */
  reentered(wasGone: boolean): void;
}

type Result = RegistryReport["result"];

/** How one registry is left, once, at the stop. */
export class Leaving {
  result: Result = "skipped";
  error: string | undefined;
  /** From the drain's start. */
  leftMs: number | null = null;
  goneMs: number | null = null;
  reentered = 0;
  readonly #calls: RegistryCalls;
  readonly #times: RegistryTimes;
  readonly #entry: Entry;
  readonly #caller: Caller;
  readonly #owner: LeavingOwner;
  readonly #stop: Stop;
  #until: number;
  /** Leaving has succeeded or failed. */
  #hasTried = false;

  constructor(
    parts: { calls: RegistryCalls; times: RegistryTimes; entry: Entry; caller: Caller },
    stop: Stop,
    owner: LeavingOwner,
  ) {
    this.#calls = parts.calls;
    this.#times = parts.times;
    this.#entry = parts.entry;
    this.#caller = parts.caller;
    this.#stop = stop;
    this.#owner = owner;
    this.#until = stop.latest;
  }

  /** The instant up to which readers may still send clients here. */
  get until(): number {
    return this.#until;
  }

  /**
   * The instant from which they are known to send none; infinite as long as that is not known, undefined where there was
   * nothing to leave.
   */
  get letGoAt(): number | undefined {
    if (this.result === "never-entered") return undefined;
    const isKnown = this.result === "left" || (this.#hasTried && this.#times.ttl !== undefined);
    return isKnown ? this.#until : Number.POSITIVE_INFINITY;
  }

  /** Leaves. Resolves when that is done, or there is no more time for it; then it is looked after until the listeners close. */
  async run(): Promise<void> {
    const { start, cutoff } = this.#stop;
    this.#entry.stop();
    const lastCall = this.#caller.ended;
    const isQuiet = await this.#caller.quiet(LAST_BEAT, cutoff);
    if (!this.#entry.isKnown) {
      this.result = "never-entered";
      return this.#move(start);
    }
    const { heardAt } = this.#entry;
    this.result = await this.#leave();
    this.#hasTried = true;
    if (this.result === "left") {
      this.leftMs = msSince(this.#stop.start);
      this.#move(now() + this.#times.settle);
    } else {
      // Where the drain is cut short that is no failure of the registry's.
      if (this.result !== "aborted") {
        this.#owner.failed(`leave: ${this.error ?? this.result}`);
      }
      this.#move(Math.max(now(), (heardAt ?? start) + (this.#times.ttl ?? 0)) + this.#times.settle);
    }
    if (!this.#stop.settles) return;
    // A beat that arrives after the leave may have registered it again.
    if (!isQuiet) void lastCall.then(() => this.#leaveAgain());
    void this.#look();
  }

  /** Tries until it is out or its time is over. */
  async #leave(): Promise<Result> {
    const { start, latest, cutoff } = this.#stop;
    const last = Math.min(start + this.#times.timeout, latest);
    for (let failures = 1; ; failures++) {
      const answer = await this.#call(Math.max(last, now() + 1));
      if (answer.error === undefined) return "left";
      this.error = textOf(answer.error.message);
      if (cutoff.aborted) return "aborted";
      if (answer.isLate) return "timeout";
      const pause = pauseAfter(failures);
      if (now() + pause >= last) return "failed";
      await until(now() + pause, cutoff, false);
    }
  }

  #call(latest: number) {
    const { leave } = this.#calls;
    return this.#caller.call({ name: "leave", run: leave, latest, unwanted: this.#stop.cutoff });
  }

  /** Looks whether the registry lists it no longer, and whether it stays so, until the listeners close. */
  async #look(): Promise<void> {
    const { isGone } = this.#calls;
    if (isGone === undefined || this.result !== "left") return;
    const { over, cutoff } = this.#stop;
    const pause = Math.min(LOOKS.most, Math.max(LOOKS.least, this.#times.settle / 5));
    let isUnseen = false;
    while (!over.aborted && !cutoff.aborted) {
      const latest = now() + this.#times.timeout;
      const { value, error } = await this.#caller.call({
        name: "isGone",
        run: isGone,
        latest,
        unwanted: over,
      });
      if (over.aborted) return;
      // Once: what follows is the same. That it was left is all that is known, and its readers have their time from there.
      if (error !== undefined && !isUnseen) this.#owner.failed(`isGone: ${textOf(error.message)}`);
      isUnseen ||= error !== undefined;
      if (value === true) this.#gone();
      // What was just left may be listed for a moment more, by a copy that lags behind.
      else if (
        value === false &&
        (this.goneMs !== null || now() >= this.#until - this.#times.settle / 2)
      ) {
        await this.#leaveBack();
      }
      await until(now() + pause, over, false);
    }
  }

  /** From here on, and not from the leave, its readers have their time. */
  #gone(): void {
    if (this.goneMs !== null) return;
    this.goneMs = msSince(this.#stop.start);
    this.#move(now() + this.#times.settle);
  }

  /** Something has registered it again that lastcall is not told of. */
  async #leaveBack(): Promise<void> {
    if (this.reentered === MOST_AGAIN) return;
    this.reentered += 1;
    if (this.reentered === 1) this.#owner.reentered(this.goneMs !== null);
    await this.#leaveAgain();
  }

  async #leaveAgain(): Promise<void> {
    if (this.#stop.over.aborted) return;
    const { error } = await this.#call(Math.min(now() + this.#times.timeout, this.#stop.latest));
    if (error !== undefined) return;
    this.goneMs = null;
    this.#move(now() + this.#times.settle);
  }

  #move(instant: number): void {
    this.#until = Math.min(instant, this.#stop.latest);
    this.#owner.moved();
  }
}
