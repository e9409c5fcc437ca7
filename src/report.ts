import type { Budget } from "./budget.js";
import { nextCheckPhase } from "./clock.js";
import type { UntrackedPolicy } from "./options.js";
import type { Outcome, Phase } from "./phase.js";
import type { LameDuckEnd } from "./server/evidence.js";

/** What one drain did, in numbers. Fields that end in `Ms` are milliseconds. */
export interface DrainReport {
  /** Name of the service. */
  service: string;
  outcome: Outcome;
  /** Why the drain began: a signal's name, or what {@link Service.drain} was given. */
  reason: string;
  /** Wall-clock time of the start, ISO 8601. */
  startedAt: string;
  durationMs: number;
  budget: Budget;
  /** The phases in their order, from the drain's start. */
  phases: { phase: Phase; atMs: number }[];
  /** Why the lame duck ended; null when there was none. */
  lameDuck: LameDuckReport | null;
  requests: {
    /** In flight when the drain began. */
    inFlight: number;
    /** Begun during the drain, and served. */
    begun: number;
    /** Sent after a response that said close on the same connection: never executed (RFC 9112 §9.6). */
    refused: number;
    /** Whose response did not get out whole: the client left, or its connection was cut. */
    unfinished: number;
    /** Unfinished at the abort instant. */
    aborted: RequestReport[];
  };
  connections: {
    /** Open when the drain began. */
    open: number;
    /** Of those open, the ones taken over by `upgrade` or `CONNECT`. */
    upgraded: number;
    /** Accepted during the drain. */
    accepted: number;
    /** Silent, and closed after the listener. */
    idleClosed: number;
    /** Closed because they stood still. */
    stalled: StallReport[];
    /** Destroyed at the cut, with or without a request; with one, by somebody else during the drain. */
    cut: number;
  };
  /** Long-lived connections whose owners say goodbye, see {@link Service.farewell}. */
  farewells: {
    /** How many were told. */
    said: number;
    /** How many of them were destroyed because they stood still for too long after it. */
    overdue: number;
  };
  hooks: HookReport[];
  /**
   * Tasks and `waitUntil` promises that failed during the drain, or were not done when it had to go
   * on. One that failed before is a warning.
   */
  tasks: TaskReport[];
  /**
   * What was alive when everything tracked was over, and was cut by the exit; see the option `untracked`. Null
   * when nobody looked: the drain did not end the process, or another service still drained, or a second signal
   * left no time.
   */
  untracked: UntrackedReport[] | null;
  /** What the operator should know, in words. */
  warnings: { code: string; message: string }[];
}

/** A request that was unfinished at the abort instant. */
export interface RequestReport {
  /** HTTP method, as sent. */
  method: string;
  /** The application's route where it is known (Express), otherwise the path without its query. */
  route: string;
  /** How long it had been in flight at the abort instant. */
  ageMs: number;
  /**
   * `answered`: the response was finished inside the abort window. `client gone`: the client left
   * inside it. `ignored abort`: the handler had the request's signal and did not end (or has not yet,
   * in the event at the abort instant). `no signal`: the handler never asked for the signal.
   * `ended`: an event stream that nobody ended; lastcall did.
   */
  reaction: "answered" | "client gone" | "ignored abort" | "no signal" | "ended";
}

/** A connection that was closed because nothing moved on it. */
export interface StallReport {
  /** What stood still: a request head, a request body, or a response nobody reads. */
  kind: "head" | "body" | "send";
  /** Address and port of the client, where known. */
  remote: string;
  /** The request, where there is one. */
  method?: string;
  route?: string;
}

/** How a lame duck ended, with the figures that decided it. */
export interface LameDuckReport {
  /**
   * Why it ended. `evidence`: the quiet became conclusive. `minimum`: it was so before the phase
   * might end. `maximum`: it never was. `abort`: {@link Service.abort} or a second signal.
   */
  endedBy: LameDuckEnd;
  durationMs: number;
  /** What was seen of each attached server, in the order of their attachment. */
  servers: ArrivalsReport[];
}

/** The arrivals of one server. Probes are not among them. */
export interface ArrivalsReport {
  /**
   * New connections per second that the last minute before the drain had in three quarters of its
   * time at least; those within 10 ms of each other count as one. 0: too few to conclude from.
   */
  ratePerSecond: number;
  /** The longest time without a new connection in the minute before the drain, and since. */
  longestGapMs: number;
  /** New connections during the lame duck. */
  arrivals: number;
  /** How long nobody had come and no request was in flight when the phase ended. */
  quietMs: number;
  /** The quiet that is conclusive at these figures; null when none is. */
  neededMs: number | null;
}

/** A certificate that new connections see from now on. */
export interface CertificateReport {
  subject: string;
  /** Until when it is valid, as it says itself. */
  validTo: string;
  /** Its SHA-256, in hexadecimal. */
  fingerprint: string;
}

/** How a hook ended. */
export interface HookReport {
  /** As registered. */
  name: string;
  /** `deregister`: leaves a registry before the listener closes. `closing`: runs after the requests. */
  kind: "deregister" | "closing";
  /**
   * `timeout`: given up while it ran. `aborted`: the drain was cut short while it ran. `skipped`: never
   * started, for the same reason.
   */
  result: "done" | "failed" | "timeout" | "aborted" | "skipped";
  durationMs: number;
  /** Message of the error, where it failed or was given up. */
  error?: string;
}

/** How a task, or a promise that the drain waits for, ended. */
export interface TaskReport {
  /** As registered; `waitUntil` unless one was given. */
  name: string;
  /** `aborted`: it gave up when told to. `left`: it still ran when the drain had to go on. */
  result: "done" | "failed" | "aborted" | "left";
  durationMs: number;
  /** Message of the error, where it failed or gave up. */
  error?: string;
  /** The request it belongs to, where there is one: what {@link Service.waitUntil} was given for it. */
  method?: string;
  route?: string;
}

/** Something that keeps the process alive, and that nobody told lastcall of. */
export interface UntrackedReport {
  /** Node's name for it, as in `process.getActiveResourcesInfo()`. */
  kind: string;
  count: number;
  /** Whose it is, where that can be told: an address, a request, a program. */
  owner?: string;
}

/** One structured line on stderr. */
export function writeReport(report: DrainReport): void {
  writeError(`${JSON.stringify({ lastcall: "drain", ...report })}\n`);
}

/**
 * Writes to stderr and never fails: where the reader is gone, the disk is full, or somebody has
 * replaced `write`, the text is lost and the drain is not.
 *
 * Through the stream and not straight to the descriptor: that would cut a text longer than the pipe has
 * room for, and put it into the middle of one that still waits there.
 */
export function writeError(text: string): void {
  const { stderr } = process;
  const ignore = (): void => {};
  const stopIgnoring = (): void => {
    void nextCheckPhase().then(() => stderr.off("error", ignore));
  };
  stderr.on("error", ignore);
  try {
    stderr.write(text, stopIgnoring);
  } catch {
    stopIgnoring();
  }
}

/**
 * The outcome that the facts of a report amount to. `threw`: the process did. `policy`: what it means that
 * something untracked was alive.
 */
export function judge(
  report: Omit<DrainReport, "outcome">,
  threw: boolean,
  policy: UntrackedPolicy,
): Outcome {
  const { hooks, tasks, requests, connections } = report;
  const isUntracked = report.untracked !== null && report.untracked.length > 0;
  const hookFailed = hooks.some(({ result }) => result === "failed" || result === "timeout");
  const taskFailed = tasks.some(({ result }) => result === "failed");
  if (threw || hookFailed || taskFailed || (isUntracked && policy === "fail")) return "failed";
  const isShort = hooks.some(({ result }) => result === "skipped" || result === "aborted");
  const isWhole = requests.aborted.length === 0 && connections.cut === 0 && tasks.length === 0;
  const isWaited = !(isUntracked && policy === "wait");
  return isWhole && isWaited && !isShort ? "clean" : "aborted";
}

/**
 * Exit codes: 0 only when clean; 1 when something failed; 124, `timeout(1)`'s own, when the budget
 * ran out and work was aborted. A second signal exits with 128 + its number.
 */
export const EXIT_CODES: Readonly<Record<Outcome, number>> = { clean: 0, failed: 1, aborted: 124 };
