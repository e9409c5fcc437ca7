// facts/: what was seen, as plain data, and how it is counted and written: the ledger, stops, the result.
// Nothing here does anything.
import type { Finding } from "./finding.js";
import type { Holder } from "./holders.js";
import type { InspectionResult } from "./inspection.js";
import type { Client, Outcome, Tally } from "./ledger.js";
import type { Rollout } from "./rollout.js";

export type Verdict = "pass" | "fail" | "could-not-run";

/** One line of the verdict: what was asked, and what was measured. */
export interface Criterion {
  readonly name:
    | "dropped requests"
    | "websocket close code"
    | "requests refused as safe to send again"
    | "exit code"
    | "time from signal to exit"
    | "time from second signal to exit"
    | "time from last response byte to exit"
    | "signal reached the server"
    | "latency before the stop"
    | "latency during the stop"
    | "requests lost at a stop"
    | "stops that lost a request"
    | "exit code of the command"
    | "time the command ran"
    | "longest time without an answer"
    | "effects that are not what was answered";
  /** `== 0`, `< grace 30 s`; empty for a value that is only measured. */
  readonly expected: string;
  readonly measured: string;
  /** Null for a value that is only measured. */
  readonly passed: boolean | null;
}

/** Everything `prove` found out. Fields in milliseconds end in `Ms`. */
export interface ProveResult {
  readonly version: 1;
  readonly verdict: Verdict;
  /** What was proved: its command, its process, its address. */
  readonly subject: string;
  /** Empty for what ran already. */
  readonly command: readonly string[];
  readonly seed: number;
  readonly graceMs: number;
  readonly rttMs: number;
  readonly lagMs: number;
  /** What was asked for, given or by default: what another result has to share to be compared with. */
  readonly asked: readonly AskedOption[];
  readonly criteria: readonly Criterion[];
  readonly requests: Tally;
  readonly confidence: ConfidenceResult;
  readonly losses: readonly Loss[];
  /** What is wrong with how it stops, errors first. */
  readonly findings: readonly Finding[];
  /** Ids of the findings that were looked for: what was not asked for could not be seen. */
  readonly checked: readonly string[];
  /** What a reader of the verdict has to know. */
  readonly notes: readonly string[];
  readonly trials: readonly TrialResult[];
  /** Null without `inspect`. */
  readonly inspection: InspectionResult | null;
}

/** An option in force. What was not asked for is not listed. */
export interface AskedOption {
  /** On the command line: `--grace`. */
  readonly option: string;
  /** As the command line writes them, without what may be secret; none for a flag. */
  readonly values: readonly string[];
}

/** How sure a result is: of all stops, 95 % confidence. */
export interface ConfidenceResult {
  /** Per request exposed to a stop, as if each were lost or not independently of the others. */
  readonly requests: Confidence;
  /** Per stop: whether it lost a request. Losses within one stop have a common cause. */
  readonly stops: Confidence;
}

/** One start, load and stop; or several stops under one load, with `restarts`; or one rollout. */
export interface TrialResult {
  readonly trial: number;
  /** Repeats this trial alone. */
  readonly seed: number;
  readonly verdict: Verdict;
  readonly criteria: readonly Criterion[];
  readonly requests: Tally;
  readonly requestsByClient: Readonly<Record<Client, Tally>>;
  readonly connections: number;
  /** What was refused or dropped, by what its client saw. */
  readonly losses: readonly Loss[];
  readonly findings: readonly Finding[];
  readonly stops: readonly StopResult[];
  /** What a command did under load, in place of stops; null without one. */
  readonly rollout: Rollout | null;
  /** Of a command, and of restarts; null for one stop, which has an end, and when nothing was answered. */
  readonly silence: Silence | null;
  /** What the requests left behind; null where that was not asked for. */
  readonly effects: Effects | null;
  /** What a reader of the verdict has to know. */
  readonly notes: readonly string[];
  /** What held the load up. */
  readonly noise: Noise;
  /** Why there is no verdict: the prover's own failures, or a service that gave it nothing to judge. */
  readonly faults: readonly string[];
}

/** Requests lost in the same way by the same kind of client. */
export interface Loss {
  readonly outcome: Extract<Outcome, "refused" | "dropped">;
  readonly kind: string;
  readonly client: Client;
  readonly count: number;
  /** The first of them, from the signal; negative before it. */
  readonly firstMs: number;
}

/** One signal and what followed. Instants count from the signal. */
export interface StopResult {
  readonly generation: number;
  /** Null when a command made it stop. */
  readonly signal: NodeJS.Signals | null;
  readonly exit: ExitResult;
  /**
   * Requests the service had begun to receive and not finished answering at the signal. Null when
   * the instant at which it was told to stop is not known.
   */
  readonly inFlightAtSignal: number | null;
  /** How often WebSockets ended with each close code; 1006 stands for the lack of a close frame. */
  readonly websocketCloses: Readonly<Record<string, number>>;
  /** What the stop could have cost. */
  readonly exposed: Exposure;
  /** Null without an open loop (`--rate`). */
  readonly latency: Latency | null;
  /** Empty where it says none, or was not started here. */
  readonly reports: readonly ReportedDrain[];
  /** The last lines of its output, without those; empty where it was not started here. */
  readonly output: readonly string[];
  readonly timeline: Timeline;
}

/** What a service that stops with lastcall has told of its own stop. */
export interface ReportedDrain {
  readonly service: string;
  readonly outcome: "clean" | "aborted" | "failed";
  readonly durationMs: number;
  /** In flight when its drain began. */
  readonly inFlight: number;
  /** Long-lived, and let go after the listener closed. */
  readonly letGo: number;
  /** Whose answer did not get out whole. */
  readonly unfinished: number;
}

/** Requests in flight at the signal or sent after it: those that a stop can lose. */
export interface Exposure {
  readonly requests: number;
  readonly lost: number;
}

/** How long the open loop's answers took, from the instants their requests were due. */
export interface Latency {
  /** Of those that had ended at the signal; null when none had. */
  readonly before: Percentiles | null;
  /** Of those in flight at the signal or due after it. */
  readonly during: Percentiles | null;
}

export interface Percentiles {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface ExitResult {
  /**
   * As a shell shows it: 128 + n for a process ended by signal n. Null when it cannot be known: it
   * was not started here, has not ended, or is one of a group whose first process died of the signal.
   */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Null when its end was not seen. */
  readonly afterSignalMs: number | null;
  /** Null when it was not signalled again. */
  readonly afterSecondSignalMs: number | null;
  /** Null when no response byte came at all, or its end was not seen. */
  readonly afterLastByteMs: number | null;
  /** What kept it open, when the grace period ended with SIGKILL; null when it left by itself. */
  readonly killed: Held | null;
  /** What kept it open, when it was still running at the end of the grace period and was left alone. */
  readonly running: Held | null;
  /** What the started process left behind; null when nothing. */
  readonly orphans: Orphans | null;
}

/** What kept the process open at the end of the grace period, as far as can be seen from outside. */
export interface Held {
  readonly connections: readonly Holder[];
  /** Other members of its process group. */
  readonly processes: readonly ProcessInfo[];
  /** Whether the process that was told has the listener itself; null where that cannot be seen. */
  readonly hasListener: boolean | null;
}

/** Processes that outlived the started one. */
export interface Orphans {
  readonly started: ProcessInfo;
  readonly left: readonly ProcessInfo[];
  /** Whether the port still answered. */
  readonly isServing: boolean;
}

/** What was seen on the wire, in milliseconds from the signal; null for what was not seen. */
export interface Timeline {
  /** First answer with `Connection: close` to a client that had not asked for it. */
  readonly firstCloseMs: number | null;
  /** First GOAWAY on an HTTP/2 session. */
  readonly firstGoawayMs: number | null;
  readonly signalledAgainMs: number | null;
  /** Last connection that was made and got an answer. */
  readonly lastAcceptedMs: number | null;
  /** When the listener was seen closed while the process lived on. Linux only, to about 10 ms. */
  readonly listenerClosedMs: number | null;
  readonly firstRefusedMs: number | null;
  readonly lastByteMs: number | null;
  readonly exitMs: number | null;
  readonly bins: TimelineBins;
}

/** Requests by the instant they ended, in slices of equal width. */
export interface TimelineBins {
  readonly startMs: number;
  readonly widthMs: number;
  readonly ok: readonly number[];
  readonly lost: readonly number[];
}

/** What became of requests that leave an effect. Every request of the ledger is in exactly one of the first four. */
export interface Effects {
  /** Took effect once, and was answered. */
  readonly answered: number;
  /** Took effect, and its client saw it fail. */
  readonly lost: number;
  /** Was answered and took none, where other requests to the same route did. */
  readonly missing: number;
  /** Left none, and was not expected to: it failed, or nothing of its route leaves one. */
  readonly none: number;
  /** Took effect more than once; each is one of those above too. */
  readonly twice: number;
}

/** The longest time in which the load asked and nothing was answered. Instants count from the signal. */
export interface Silence {
  /** When it began: the last answer before it, or the first request after that. */
  readonly fromMs: number;
  readonly lastedMs: number;
  /** What it may be: what was asked for, or twice the longest before the signal. */
  readonly limitMs: number;
}

/** What was seen, and between which shares the true one lies with 95 % confidence. */
export interface Confidence {
  readonly lost: number;
  readonly total: number;
  /** 0 when nothing was lost. */
  readonly lower: number;
  readonly upper: number;
}

/** A process, as a person would recognise it. */
export interface ProcessInfo {
  readonly pid: number;
  /** Its command line, shortened; its name where the line cannot be read. */
  readonly command: string;
}

/** What held the load process up, from the first signal on: a client that is late is no judge. */
export interface Noise {
  /** How long it was measured. */
  readonly windowMs: number;
  /** Share in which the load process was ready to run and had no CPU. Null where nothing tells. */
  readonly cpuWaitShare: number | null;
  /** Share in which some process of the machine waited for a CPU. Null where nothing tells. */
  readonly cpuPressureShare: number | null;
  /** Time in which its event loop was late by more than a quarter of a second. */
  readonly heldUpMs: number;
  readonly loopLagP99Ms: number;
  readonly loopLagMaxMs: number;
  /** How late requests of the open loop were begun; null without one. */
  readonly lateP99Ms: number | null;
  /** Local ports in use towards the service, and how many there are. Null where nothing tells. */
  readonly portsUsed: number | null;
  readonly portsInRange: number | null;
}
