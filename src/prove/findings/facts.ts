import type { Client, ConnectionEnd } from "../facts/ledger.js";
import type { EffectCounts } from "../facts/effects.js";
import type { ProbeKind, ProbeAnswer } from "../facts/probes.js";
import type { Held, StopResult } from "../facts/result.js";
import type { Rollout } from "../facts/rollout.js";
import type { RequestRow } from "../facts/row.js";
import type { Disposition, KeepAlive } from "../facts/stop.js";
import type { Losses } from "./loss.js";

/** What was asked for, as far as a rule may want to know. Times are milliseconds. */
export interface AskedFor {
  readonly signal: NodeJS.Signals;
  readonly grace: number;
  readonly lag: number;
  readonly rtt: number;
  readonly secondSignal: number | null;
  /** Whether the signal went to the whole group. */
  readonly signalGroup: boolean;
}

/** One connection of the load. Instants are milliseconds from the signal. */
export interface ConnectionRow {
  readonly number: number;
  readonly client: Client;
  /** When its client asked for it. */
  readonly askedMs: number;
  readonly connectedMs: number | null;
  /** When the service first announced its end. */
  readonly saidCloseMs: number | null;
  /** When the end arrived on this machine. */
  readonly endMs: number;
  readonly end: ConnectionEnd;
}

/** A probe's answer that differs from the one before. Instants are milliseconds from the signal. */
export interface ProbeRow {
  readonly kind: ProbeKind;
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly answer: ProbeAnswer;
}

/** What is known of one command that ran under load. */
export interface RolloutFacts {
  readonly trial: number;
  readonly rollout: Rollout;
  /** The round trip that was added, in milliseconds. */
  readonly rtt: number;
  /** Instants from the command's start. */
  readonly requests: readonly RequestRow[];
  /** Ids of those whose connection had served before. */
  readonly reused: ReadonlySet<string>;
  /** What each request was with, by its id, where that is known. */
  readonly instances: ReadonlyMap<string, string>;
}

/** What the requests of one trial left behind. */
export interface EffectFacts {
  readonly trial: number;
  /** From what instants count. */
  readonly origin: "the signal" | "the command's start";
  readonly requests: readonly RequestRow[];
  readonly counts: EffectCounts;
}

/** All that is known of one stop: what a rule may look at. Plain data, so that it can be kept. */
export interface StopFacts {
  readonly trial: number;
  readonly asked: AskedFor;
  readonly stop: StopResult;
  /** What kept it open when the grace period ended; null when it had left by then. */
  readonly held: Held | null;
  /** When it ended; null when that was not seen. */
  readonly exitMs: number | null;
  /** What the process was about to do with the signal; null where that cannot be seen. */
  readonly disposition: Disposition | null;
  /** When the system had taken the signal; null where others than its process may have answered since. */
  readonly toldMs: number | null;
  /** When the same stop was told a second time; null when it was not. */
  readonly repeatedMs: number | null;
  /** Null where it was not asked for, or nothing is kept. */
  readonly keepAlive: KeepAlive | null;
  /** The line that its output ended in the middle of. */
  readonly tornLine: string | null;
  /** When its listener was last seen open; null when that was not seen. */
  readonly listenerOpenMs: number | null;
  /** Requests of the generation that was stopped. */
  readonly requests: readonly RequestRow[];
  readonly connections: ReadonlyMap<number, ConnectionRow>;
  readonly probes: readonly ProbeRow[];
  /** The requests that were lost, by how. */
  readonly losses: Losses;
}
