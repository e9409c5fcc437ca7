import type { Held, Orphans } from "./result.js";

/** What a process does with a signal: has a listener for it, ignores it, or is ended by it. */
export type Disposition = "caught" | "ignored" | "default";

/**
 * How a process ended. Of a process that `prove` did not start neither code nor signal can be known:
 * both are null then. `at` is `now()`.
 */
export interface SubjectExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly at: number;
}

/** A line of what a service wrote, or what `prove` did to it then. */
export interface OutputLine {
  readonly trial: number;
  /** 0, and one more for each restart. */
  readonly generation: number;
  /** When it arrived, in milliseconds since 1970. */
  readonly at: number;
  readonly from: "stdout" | "stderr" | "prove";
  readonly text: string;
}

/** How long a service keeps a connection without requests, beside what its balancer expects. */
export interface KeepAlive {
  /** How long the balancer keeps it. */
  readonly limitMs: number;
  /** What an answer said: `Keep-Alive: timeout=5`; null for nothing. */
  readonly toldMs: number | null;
  /** When the service closed it; null when it did not, or was not waited for. */
  readonly closedMs: number | null;
}

/** The end of what a process wrote. */
export interface LastWords {
  /** The last whole lines, of stdout and stderr together, but for drain reports. */
  readonly lines: readonly string[];
  /** The reports of lastcall's own drains: a line of JSON each. */
  readonly reports: readonly string[];
  /** The line that it ended in the middle of; null when it is whole. */
  readonly tornLine: string | null;
}

/** One signal and the end it led to. Instants are `now()`. */
export interface Stop {
  readonly generation: number;
  /** When it was told to stop. */
  readonly signalledAt: number;
  /** When the system had taken the signal: what is answered to a later request, a listener let happen. */
  readonly toldAt: number;
  /** Whether its process was the only one that could answer then. */
  readonly isAlone: boolean;
  /** When the signal was sent again; null when it was not, or not any more. */
  readonly signalledAgainAt: number | null;
  /** When the same stop was told a second time; null when it was not. */
  readonly repeatedAt: number | null;
  /** When its listener was last seen open; null when that was not seen. */
  readonly listenedAt: number | null;
  /** When its listener was seen closed; null when that was not seen. */
  readonly unlistenedAt: number | null;
  /** Null when its end was not seen: it went on running, or there was no process to watch. */
  readonly exit: SubjectExit | null;
  /** What kept its process open at the end of the grace period; null when it had ended, or for none. */
  readonly held: Held | null;
  readonly orphans: Orphans | null;
  /** Null where it is not known. */
  readonly lastWords: LastWords | null;
  /** What its process was about to do with the signal; null where that cannot be seen. */
  readonly disposition: Disposition | null;
}
