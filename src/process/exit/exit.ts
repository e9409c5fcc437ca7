import os from "node:os";

import { doneBy, now } from "../../clock.js";
import type { Seat } from "../seat.js";
import type { ForeignListeners } from "../signals/foreign-listeners.js";
import type { HeldListeners } from "../signals/held-listeners.js";
import { findCaller, sayOrigin } from "../signals/origin.js";
import { codeNow, exitNow } from "./exit-now.js";
import { flushOutput, ignoreOutputErrors } from "./flush.js";
import { Watchdog } from "./watchdog.js";

/** How much of the 100 ms in which a second signal must be obeyed may go into the reports, in ms. */
const LONGEST_ABORT = 50;

/** How much of them may go into what was written and has not left yet, in ms. */
const LAST_FLUSH = 30;

/** What a program exits with that says it was stopped by a signal: 128 and its number. */
const DEATHS = (["SIGTERM", "SIGINT", "SIGHUP"] as const).map(
  (name) => 128 + os.constants.signals[name],
);

/** How long a reader that does not read may hold any other exit, in ms. */
const LONGEST_FLUSH = 2_000;

/** How long listeners of `exit` may take after a second signal, in ms. */
const LAST_LISTENERS = 1_000;

/** What {@link Exit} asks and tells. */
interface ExitOwner {
  readonly seats: ReadonlySet<Seat>;
  readonly foreign: ForeignListeners;
  readonly held: HeldListeners;
  /** The process is being cut. */
  cut(signal: NodeJS.Signals): void;
  /** A drain is over. */
  drainEnded(): void;
  /** No drain is under way any more; `ends`: the process neither. */
  closed(code: number, ends: boolean): void;
  /** The process goes on: no trace is to be left on it. */
  settled(): void;
}

/** The end of the process: when the drains of all its services are over, at their deadline, or at once. */
export class Exit {
  /** Drains that are under way, whatever began them: the service that is done first must not end the process. */
  readonly #draining = new Set<Seat>();
  readonly #owner: ExitOwner;
  readonly #watchdog = new Watchdog();
  #stopIgnoring: (() => void) | undefined;
  /** How the process ends once no drain is under way. Set by the first signal, or what else stops it. */
  #ending: { code: number; exits: boolean } | undefined;
  /** The code of a later signal that cuts; from here on nothing else may end the process. */
  #forced: number | undefined;
  /** What the last report has told of the exit code. */
  #told: number | undefined;

  constructor(owner: ExitOwner) {
    this.#owner = owner;
  }

  /** The services whose drain is under way. */
  get draining(): ReadonlySet<Seat> {
    return this.#draining;
  }

  /** Whether a drain is under way that a signal, or what is as good as one, has asked for. */
  get isEnding(): boolean {
    return this.#ending !== undefined && this.#draining.size > 0;
  }

  /** Its listener for the end of the process. */
  get listener(): () => void {
    return this.#onExit;
  }

  /** A service is told to stop; `exits`: the process ends after it. */
  expect(exits: boolean): void {
    this.#ending ??= { code: 0, exits: false };
    this.#ending.exits ||= exits;
  }

  /** CLIs and terminals may send many: only the first of those that cut counts. */
  async atOnce(code: number, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.#forced !== undefined) return;
    this.#forced = code;
    this.#owner.cut(signal);
    const aborts = [...this.#draining].map((seat) => seat.service.abort());
    await doneBy(Promise.all(aborts), now() + LONGEST_ABORT);
    process.off("exit", this.#onExit);
    for (const seat of this.#draining) seat.service.interrupted(code);
    process.exitCode = code;
    this.#watchdog.disarm();
    this.#watchdog.arm(now() + LAST_FLUSH + LAST_LISTENERS, LAST_LISTENERS, () => {});
    await this.#exit(LAST_FLUSH);
  }

  /**
   * The code that the process ends with once this drain is over, whose own is `code`; undefined when it does not end
   * then. Where the drain has none to say, one that the application has set stands.
   */
  exitCode(seat: Seat, code: number): number | undefined {
    if (this.#forced !== undefined) return this.#forced;
    if (!this.isLast(seat)) return undefined;
    const worst = Math.max(this.#ending?.code ?? 0, code);
    this.#told = worst === 0 ? Number(process.exitCode ?? 0) : worst;
    return this.#told;
  }

  /** Whether the process ends as soon as this drain is over. */
  isLast(seat: Seat): boolean {
    const isOnly = this.#draining.size === 1 && this.#draining.has(seat);
    return this.#ending?.exits === true && this.#forced === undefined && isOnly;
  }

  /** Watches for code that ends the process in the middle of a drain. */
  drainBegan(seat: Seat): void {
    const isFirst = this.#draining.size === 0;
    this.#draining.add(seat);
    if (!isFirst) return;
    this.#stopIgnoring = ignoreOutputErrors();
    process.on("exit", this.#onExit);
  }

  /** What the watchdog says, should it have to act: of every drain that is not over. */
  update(): void {
    const seats = new Set([
      ...this.#draining,
      ...[...this.#owner.seats].filter(({ isTold }) => isTold),
    ]);
    const unfinished = [...seats].filter(({ isReported }) => !isReported);
    const line = unfinished.map(({ service }) => service.lastWord()).join("");
    this.#watchdog.tell({ line });
  }

  /**
   * A drain is over by the middle of its margin. One that is not is called off soon after, and a process that cannot even
   * do that is killed before the last quarter of the margin: at its end the platform does it.
   */
  arm(seat: Seat, start: number): void {
    const { gracePeriodMs, marginMs } = seat.service.budget();
    const deadline = start + gracePeriodMs;
    seat.expireAt(deadline - (marginMs * 3) / 8);
    this.#watchdog.arm(deadline - marginMs / 4, gracePeriodMs, (error) => {
      seat.service.warn(
        "no-watchdog",
        `No thread can be started that would end the process at its deadline should the event loop be blocked then: ${error.message}`,
      );
    });
  }

  /** The main thread's own end of a drain that did not come to its end: a step before the watchdog. */
  expire(seat: Seat): void {
    if (seat.isReported || this.#forced !== undefined) return;
    this.#draining.add(seat);
    seat.service.warn("deadline-passed", "The drain did not come to its end within its budget");
    seat.service.interrupted(1);
    this.drainEnded(seat, 1, LAST_FLUSH);
  }

  /**
   * A drain is over and its report is out. Where a signal has asked for it, and no other drain is under way, the
   * process ends, in `leftMs` at most.
   */
  drainEnded(seat: Seat, code: number, leftMs: number): void {
    if (!this.#draining.delete(seat)) return;
    if (this.#draining.size === 0) process.off("exit", this.#onExit);
    this.#owner.drainEnded();
    const isLast = this.#draining.size === 0;
    if (this.#ending === undefined || this.#forced !== undefined) {
      if (isLast) this.#owner.closed(code, false);
      this.#settle();
      return;
    }
    this.#ending.code = Math.max(this.#ending.code, code);
    // An exit code that the application has set stands, unless ours says more than "clean".
    if (this.#ending.code !== 0) process.exitCode = this.#ending.code;
    if (!isLast) return;
    this.#owner.closed(this.#ending.code, this.#ending.exits);
    if (this.#ending.exits) void this.#exit(Math.min(LONGEST_FLUSH, leftMs));
    else {
      this.#ending = undefined;
      this.#settle();
    }
  }

  /** No drain is under way, and the process goes on: no trace is left on it. */
  #settle(): void {
    if (this.#draining.size > 0 || this.#forced !== undefined) return;
    this.#stopIgnoring?.();
    this.#watchdog.disarm();
    this.#owner.settled();
  }

  readonly #onExit = (): void => {
    process.off("exit", this.#onExit);
    for (const { service } of this.#draining) {
      const code = service.finishReport();
      if (code !== undefined && code !== 0) process.exitCode = code;
    }
    const unfinished = [...this.#draining].filter(({ isReported }) => !isReported);
    if (unfinished.length === 0) return;
    if (this.#owner.held.isLate) {
      this.#conclude(unfinished);
      return;
    }
    const { exitCode } = process;
    const caller = findCaller();
    const by =
      caller === undefined
        ? "by an error that no code caught, or for want of anything to do"
        : `by ${sayOrigin(caller)}`;
    // "exit 0" would be a lie: what was lost is not known.
    const isClean = exitCode === undefined || exitCode === 0 || exitCode === "0";
    for (const { service } of unfinished) {
      service.warn(
        "foreign-exit",
        `The process was ended with code ${String(exitCode ?? 0)} in the middle of the drain, ${by}`,
      );
      service.interrupted(isClean ? 1 : Number(exitCode));
    }
    if (isClean) process.exitCode = 1;
  };

  /**
   * A listener of the program's that was held back until now ends the process. Its code stands, unless that says no more
   * than that a signal has come.
   */
  #conclude(unfinished: readonly Seat[]): void {
    this.#owner.held.concluding();
    if (DEATHS.includes(codeNow())) process.exitCode = 0;
    for (const { service } of unfinished) {
      const code = service.conclude();
      if (code !== undefined && code !== 0) process.exitCode = code;
    }
    this.#owner.closed(codeNow(), true);
  }

  /**
   * Ends the process with its `exitCode` once what was written has left it, in `longest` milliseconds at most:
   * `process.exit` cuts a pipe at 64 KiB. Listeners of `exit` run to the deadline.
   */
  async #exit(longest: number): Promise<never> {
    await flushOutput(longest);
    exitNow(this.#forced ?? this.#told ?? codeNow(), this.#owner.foreign, this.#watchdog);
  }
}
