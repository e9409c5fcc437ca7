import type { Finding } from "./findings/finding.js";
import type { InspectionResult } from "./inspect/result.js";
import type { Client, Outcome, Tally } from "./ledger.js";
import type { ProcessInfo } from "./group.js";
import type { Confidence } from "./confidence.js";
import type { Rollout } from "./rollout.js";
import type { Noise } from "./noise.js";
import type { Holder } from "./load/protocol.js";

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
    | "time the command ran";
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
  readonly criteria: readonly Criterion[];
  readonly requests: Tally;
  readonly confidence: ConfidenceResult;
  readonly losses: readonly Loss[];
  /** What is wrong with how it stops, errors first. */
  readonly findings: readonly Finding[];
  /** Ids of the findings that were looked for: what nobody asked for could not be seen. */
  readonly checked: readonly string[];
  /** What a reader of the verdict has to know. */
  readonly notes: readonly string[];
  readonly trials: readonly TrialResult[];
  /** Null without `inspect`. */
  readonly inspection: InspectionResult | null;
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
  readonly timeline: Timeline;
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
   * was not started here, or has not ended.
   */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Null when its end was not seen. */
  readonly afterSignalMs: number | null;
  /** Null when it was not signalled again. */
  readonly afterSecondSignalMs: number | null;
  /** Null when no response byte came at all, or its end was not seen. */
  readonly afterLastByteMs: number | null;
  /** Who held it, when the grace period ended with SIGKILL; null when it left by itself. */
  readonly killed: Held | null;
  /** Who held it, when it was still running at the end of the grace period and was left alone. */
  readonly running: Held | null;
  /** What the started process left behind; null when nothing. */
  readonly orphans: Orphans | null;
}

/** Who held the process at the end of the grace period, as far as can be seen from outside. */
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
