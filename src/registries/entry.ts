import { now, until } from "../clock.js";
import { textOf } from "../errors.js";
import type { Answer, Caller } from "./caller.js";
import type { RegistryCalls } from "./registry-calls.js";
import type { RegistryTimes } from "./times.js";

/** How long after the first failure it is tried again, in ms; doubled with each further one. */
const FIRST_PAUSE = 200;

/** No pause is longer, in ms, nor than a third of the entry's time. */
const LONGEST_PAUSE = 10_000;

/** The pause after so many failures. Drawn, so that instances that lost one registry do not all come back at once. */
export function pauseAfter(failures: number, longest: number = LONGEST_PAUSE): number {
  const pause = Math.min(longest, FIRST_PAUSE * 2 ** Math.min(failures - 1, 16));
  return pause * (0.5 + Math.random() / 2);
}

/** What an entry tells. */
export interface EntryOwner {
  entered(): void;
  failed(message: string): void;
}

/** The instance's place in one registry, from the moment that the service is ready: entered, and kept alive by its beat. */
export class Entry {
  readonly #calls: RegistryCalls;
  readonly #times: RegistryTimes;
  readonly #caller: Caller;
  readonly #owner: EntryOwner;
  #life: AbortController | undefined;
  #heardAt: number | undefined;

  constructor(calls: RegistryCalls, times: RegistryTimes, caller: Caller, owner: EntryOwner) {
    this.#calls = calls;
    this.#times = times;
    this.#caller = caller;
    this.#owner = owner;
  }

  /** Whether the registry may have it: one that was entered by something else always does. */
  get isKnown(): boolean {
    return this.#calls.enter === undefined || this.#heardAt !== undefined;
  }

  /** The instant at which the registry has heard of it last; undefined where it has not from here. A failed call may have arrived. */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  /** Enters, and beats. Has no effect while it is in. */
  start(): void {
    if (this.#life !== undefined) return;
    this.#life = new AbortController();
    void this.#keep(this.#life.signal);
  }

  /** No beat begins from here on; one that is under way is told to give up. */
  stop(): void {
    this.#life?.abort();
    this.#life = undefined;
  }

  /** It is out, and has not been entered since. */
  left(): void {
    this.#heardAt = undefined;
  }

  async #keep(unwanted: AbortSignal): Promise<void> {
    const { enter } = this.#calls;
    const hasBeat = this.#calls.beat !== undefined;
    let isIn = enter === undefined;
    let failures = 0;
    // What was given up before this life began may arrive late: it must not come after what this one does.
    if (enter !== undefined) await this.#caller.quiet(this.#times.timeout, unwanted);
    const isWanted = (): boolean => !unwanted.aborted && (!isIn || hasBeat);
    while (isWanted()) {
      const { error } = await this.#call(isIn, unwanted);
      if (unwanted.aborted) return;
      if (error === undefined) {
        failures = 0;
        if (!isIn) this.#owner.entered();
        isIn = true;
      } else {
        failures += 1;
        // Once for each outage: what follows is the same.
        if (failures === 1)
          this.#owner.failed(`${isIn ? "beat" : "enter"}: ${textOf(error.message)}`);
        // An entry whose beat fails may be lost.
        isIn = enter === undefined;
      }
      await until(now() + this.#pause(failures), unwanted, false);
    }
  }

  async #call(isIn: boolean, unwanted: AbortSignal): Promise<Answer> {
    const name = isIn ? "beat" : "enter";
    const run = this.#calls[name] ?? (() => {});
    this.#heardAt = now();
    const latest = now() + this.#times.timeout;
    const answer = await this.#caller.call({ name, run, latest, unwanted });
    this.#heardAt = now();
    return answer;
  }

  #pause(failures: number): number {
    const beat = (this.#times.ttl ?? 3 * LONGEST_PAUSE) / 3;
    return failures === 0 ? beat : pauseAfter(failures, Math.min(LONGEST_PAUSE, beat));
  }
}
