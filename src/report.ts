import type { Budget } from "./budget.js";
import { nextCheckPhase } from "./clock.js";
import { textOf, toError } from "./errors.js";
import type { HookStage, Outcome, Phase, UntrackedPolicy } from "./phase.js";
import type { LameDuckEnd } from "./server/lame-duck/evidence.js";

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
  /** How long the event loop had not turned when the signal was seen: the budget runs since then. */
  blockedMs: number;
  /** The code that the process ends with; null when it goes on, or ends only after other services' drains. */
  exitCode: number | null;
  /** The signals that told the service to stop, each with what it did; none for a drain that the program began. */
  signals: SignalReport[];
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
    /**
     * Long-lived, and let go after the listener closed: ended by the application when its signal aborted, or torn between two
     * events. See the option `longLived`.
     */
    letGo: number;
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
    /** Taken over in a protocol that no goodbye was registered for, and ended after the listener. */
    upgradedEnded: number;
    /** Closed because they stood still. */
    stalled: StallReport[];
    /** Destroyed at the cut, with or without a request; with one, by other code during the drain. */
    cut: number;
  };
  /** Long-lived connections that are told to leave, see {@link Service.goodbye}. */
  goodbyes: {
    /** How many were told. */
    said: number;
    /** How many of them were destroyed because they stood still for too long after it. */
    overdue: number;
  };
  /** What became of the entries in registries, see {@link Service.registry}. */
  registries: RegistryReport[];
  hooks: HookReport[];
  /** The workers of a cluster, in its primary, and the worker threads with a service, that stopped with this process. */
  workers: WorkerReport[];
  /**
   * Tasks, starts and `waitUntil` promises that failed during the drain, or were not done when it had to go
   * on. One that failed before is a warning.
   */
  tasks: TaskReport[];
  /**
   * What was alive when everything tracked was over, and was cut by the exit; see the option `untracked`. Null
   * when it was not looked for: the drain did not end the process, or another service still drained, or a second signal
   * left no time.
   */
  untracked: UntrackedReport[] | null;
  /** What the operator should know, in words. */
  warnings: { code: string; message: string }[];
  /**
   * What went wrong in lastcall itself, by the step of the drain in which it did. The steps after it came all
   * the same; the outcome is `failed`.
   */
  errors: FaultReport[];
}

/** Something that went wrong in lastcall itself during the drain. */
export interface FaultReport {
  /** What was being done. */
  step: string;
  message: string;
  /** `file:line` of the code that threw; null where the stack does not tell. */
  at: string | null;
}

/** What became of a signal, see {@link SignalReport}. */
export type SignalEffect = "stop" | "repeat" | "ignored" | "cut";

/** A signal that a service was told to stop by, or told again. */
export interface SignalReport {
  /** `SIGTERM`. */
  signal: NodeJS.Signals;
  /** Milliseconds since the drain began. */
  atMs: number;
  /**
   * `outside`: another process, a terminal or the kernel; which one, Node does not tell. `self`: this process raised
   * it. `primary`: the cluster's primary, over its channel. `main`: the main thread, to a worker thread.
   */
  from: "outside" | "self" | "primary" | "main";
  /** Where in the program it was raised: package, file and line. */
  by?: string;
  /**
   * `stop`: it began the drain, or joined one that had begun by itself. `repeat`: it came within `repeatWindow` of that
   * and is the same stop. `ignored`: this process raised it, which never cuts. `cut`: it ended the drain.
   */
  effect: SignalEffect;
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
   */
  reaction: "answered" | "client gone" | "ignored abort" | "no signal";
}

/** A connection that was closed because nothing moved on it. */
export interface StallReport {
  /** What stood still: a request head, a request body, or a response that its client does not read. */
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
   * might end. `maximum`: it never was. `probes`: all that ask for readiness were answered 503 often enough, and then it was quiet.
   * `registries`: the readers of registries had their time. `siblings`: others of the cluster accept on the same sockets, and
   * stay. `abort`: {@link Service.abort} or a second signal.
   */
  endedBy: LameDuckEnd;
  durationMs: number;
  /** What was seen of each attached server, in the order of their attachment. */
  servers: ArrivalsReport[];
  /** What asked for readiness when it began. */
  probers: ProberReport[];
}

/** Something that asks for readiness: a balancer, as far as that can be told. */
export interface ProberReport {
  /** Where it asks from. */
  address: string;
  /** How often, of the slowest that asks from there; null where it asked too seldom to tell. */
  periodMs: number | null;
  /** How often it was answered 503. */
  unready: number;
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
  /** How long no client had come and no request was in flight when the phase ended. */
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
  /** Its stage, see {@link HookOptions.stage}. */
  kind: HookStage;
  /**
   * `timeout`: given up while it ran. `aborted`: it had to be told to give up, at the abort instant or because the
   * drain was cut short. `skipped`: never started, for want of time or for the same reason.
   */
  result: "done" | "failed" | "timeout" | "aborted" | "skipped";
  durationMs: number;
  /** Message of the error, where it failed or was given up. */
  error?: string;
}

/** How a registry was left. */
export interface RegistryReport {
  /** As registered. */
  name: string;
  /**
   * `failed`: what was tried failed. `timeout`: it did not answer in its time. `aborted`: the drain was cut short meanwhile.
   * `never-entered`: there was nothing to leave. `skipped`: its turn never came.
   */
  result: "left" | "failed" | "timeout" | "aborted" | "never-entered" | "skipped";
  /** From the drain's start to the end of `leave`; null where it did not succeed. */
  leftMs: number | null;
  /** From the drain's start to when `isGone` first said so; null where it did not, or was not given. */
  goneMs: number | null;
  /** How often it was left once more because it was listed again. */
  reentered: number;
  /** What a failure means, see {@link RegistryOptions.onFailure}. */
  onFailure: "warn" | "fail";
  /** Message of the error, where leaving failed. */
  error?: string;
}

/** How a worker of the cluster, or a worker thread, stopped. */
export interface WorkerReport {
  kind: "process" | "thread";
  /** Node's: `worker.id`, or `threadId`. */
  id: number;
  /** Of a process. */
  pid?: number;
  /**
   * How it was told. `message`: by one service to the other. `signal`: none in it hears messages. `disconnect`: it was
   * leaving already.
   */
  told: "message" | "signal" | "disconnect";
  /** Of its own drain; null where it said nothing of it. */
  outcome: Outcome | null;
  /** Its exit code, or the signal that ended it; null where it has not ended. */
  exit: number | string | null;
  /** From the word to its end; null where it has not ended. */
  durationMs: number | null;
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

/** Something that keeps the process alive, and of which lastcall was not told. */
export interface UntrackedReport {
  /** Node's name for it, as in `process.getActiveResourcesInfo()`. */
  kind: string;
  count: number;
  /** Whose it is, where that can be told: an address, a request, a program. */
  owner?: string;
}

/** One structured line on stderr. Never throws, whatever a listener has made of the report. */
export function writeReport(report: DrainReport): void {
  writeError(formatReport(report));
}

/** One structured line, whatever is in the report. */
export function formatReport(report: DrainReport): string {
  return `${lineOf({ lastcall: "drain", ...report })}\n`;
}

function lineOf(report: { lastcall: "drain" } & DrainReport): string {
  try {
    return JSON.stringify(report);
  } catch (thrown) {
    const { lastcall } = report;
    const [service, reason] = [textOf(report.service), textOf(report.reason)];
    const errors: FaultReport[] = [
      { step: "write the report", message: toError(thrown).message, at: null },
    ];
    return JSON.stringify({ lastcall, service, outcome: "failed", reason, errors });
  }
}

/**
 * Writes to stderr and never fails: where the reader is gone, the disk is full, or other code has
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
  report: Omit<DrainReport, "outcome" | "service">,
  threw: boolean,
  policy: UntrackedPolicy,
): Outcome {
  const { tasks, requests, connections } = report;
  // What tells of the stop is no part of it: a dead collector costs its timeout.
  const hooks = report.hooks.filter(({ kind }) => kind !== "last");
  const isUntracked = report.untracked !== null && report.untracked.length > 0;
  const hookFailed = hooks.some(({ result }) => result === "failed" || result === "timeout");
  const taskFailed = tasks.some(({ result }) => result === "failed");
  const registryFailed = report.registries.some(
    ({ result, onFailure }) =>
      onFailure === "fail" && (result === "failed" || result === "timeout"),
  );
  const isFaulty = threw || registryFailed || report.errors.length > 0;
  if (isFaulty || hookFailed || taskFailed || (isUntracked && policy === "fail")) return "failed";
  if (report.workers.some(hasFailed)) return "failed";
  const isShort = [...hooks, ...report.registries].some(
    ({ result }) => result === "skipped" || result === "aborted",
  );
  const isWhole = requests.aborted.length === 0 && connections.cut === 0 && tasks.length === 0;
  const isCut = report.signals.some(({ effect }) => effect === "cut");
  const isWaited = !(isUntracked && policy === "wait");
  const isCutShort = isShort || isCut || report.workers.some(wasCut);
  return isWhole && isWaited && !isCutShort ? "clean" : "aborted";
}

function hasFailed({ outcome, exit }: WorkerReport): boolean {
  if (outcome !== null) return outcome === "failed";
  return typeof exit === "number" && exit !== 0 && exit !== EXIT_CODES.aborted;
}

/** One that did not listen died of the signal, in the middle of whatever it did. */
function wasCut({ outcome, exit, durationMs }: WorkerReport): boolean {
  if (outcome !== null) return outcome === "aborted";
  return durationMs === null || exit !== 0;
}

/** The outcome that an exit code stands for. */
export function outcomeOf(code: number): Outcome {
  if (code === 0) return "clean";
  return code === EXIT_CODES.aborted ? "aborted" : "failed";
}

/**
 * Exit codes: 0 only when clean; 1 when something failed; 124, `timeout(1)`'s own, when the budget
 * ran out and work was aborted. A second signal exits with 128 + its number.
 */
export const EXIT_CODES: Readonly<Record<Outcome, number>> = { clean: 0, failed: 1, aborted: 124 };
