import type { Budget } from "../budget.js";
import type { WarningCode } from "../events.js";
import type { SignalEffect } from "../report.js";
import type { AttachableServer } from "../server/attachable.js";
import type { Telling } from "./signals/telling.js";

/** How a drain begins that a signal, or what is as good as one, has asked for. */
export interface Told {
  /** The signal's name, or what happened instead. */
  readonly reason: string;
  /** The instant at which it was: the drain and the watchdog count from the same one. */
  readonly at: number;
  /** A person waits at a terminal: no time is given to balancers. */
  readonly isHurried: boolean;
  /** How long the event loop had not turned when it was seen, in ms: the budget runs since then. */
  readonly blockedMs: number;
  /** What the drain may take at most, in ms, where that is less than its budget. */
  readonly longestMs?: number;
}

/** What the process needs of a service, and tells it. */
export interface Stoppable {
  /** Signals that stop it. */
  readonly signals: readonly NodeJS.Signals[];
  /** How long after the first signal another is the same stop told again, in ms. */
  readonly repeatWindow: number;
  /** Whether the process ends after a drain that it was told to do. */
  readonly exits: boolean;
  /** Whether an exception that nothing catches stops the service in order instead of ending the process. */
  readonly outlivesException: boolean;
  /** As it is now: a cluster's primary may leave it less than the options say. */
  budget(): Budget;
  /** It has this long at most, in ms. */
  grant(graceMs: number): void;
  /** Drains, or joins the drain that runs; its end comes back as {@link Seat.drainEnded}. */
  stop(told: Told): void;
  /** Takes a server into care that the program has attached to no service. */
  adopt(server: AttachableServer): void;
  /** Cuts; resolves when that is done. */
  abort(): Promise<unknown>;
  warn(code: WarningCode, message: string): void;
  /** Does something that must not keep the stop from going on, should it throw. */
  attempt(step: string, run: () => void): void;
  /** A signal has come, and this is what it did. Called before it does. */
  signalled(telling: Telling, effect: SignalEffect): void;
  /** The process threw something that no code caught, during the drain. */
  threw(error: Error): void;
  /** The process ends in the middle of the drain, with this code: reports what is known. */
  interrupted(code: number): void;
  /**
   * A listener that hears of the end of the drain ends the process: writes the report first. Returns the exit code that it tells;
   * undefined: none, or there is no report yet.
   */
  finishReport(): number | undefined;
  /**
   * The process is ended in the closing window, by what was to run last: the drain is over. Returns the exit code that the
   * report tells.
   */
  conclude(): number | undefined;
  /** The report as far as it is known, in one line: for the case that the process can say no more. */
  lastWord(): string;
}
