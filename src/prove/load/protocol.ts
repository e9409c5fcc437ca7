import type { Holder } from "../facts/holders.js";
import type { ConnectionEntry, Entry, ClientCounts, LoadProgress } from "../facts/ledger.js";
import type { ProbeChange } from "../facts/probes.js";
import type { Noise } from "../facts/result.js";
import type { Started } from "../machine/group.js";
import type { RatePlan } from "../options/rate.js";
import type { Trust } from "../options/trust.js";
import type { Address } from "../request/address.js";
import type { RequestTemplate } from "../request/request.js";

/** Everything the load process needs to know before it starts. */
export interface LoadPlan {
  readonly requests: readonly RequestTemplate[];
  readonly slow: readonly RequestTemplate[];
  readonly uploads: readonly RequestTemplate[];
  readonly pipelined: readonly RequestTemplate[];
  readonly expecting: readonly RequestTemplate[];
  readonly stalled: readonly RequestTemplate[];
  readonly events: readonly RequestTemplate[];
  readonly websockets: readonly RequestTemplate[];
  readonly h2: readonly RequestTemplate[];
  /** Asked all the time, outside the ledger; null when there is none. */
  readonly readiness: RequestTemplate | null;
  readonly liveness: RequestTemplate | null;
  /** Every connection is TLS, and trusts this; null for plain TCP. */
  readonly tls: Trust | null;
  readonly rttMs: number;
  readonly lagMs: number;
  readonly thinkMs: number;
  readonly warmupMs: number;
  /** How long a connection may take until it is made. */
  readonly connectTimeoutMs: number;
  /** How long an upload takes from its first to its last byte. */
  readonly uploadMs: number;
  /** Planned requests after which nothing more is begun. */
  readonly maxRequests: number;
  /** The open loop; null without one. */
  readonly rate: RatePlan | null;
  /** Whether a signal will come: without one, slow requests are sent again and again. */
  readonly hasSignal: boolean;
  /** The field of an answer that says what answered, in lower case; null for none. */
  readonly instanceField: string | null;
  readonly counts: ClientCounts;
  readonly seed: number;
  readonly idPrefix: string;
}

/** One running instance of the service; a restart begins the next generation. */
export interface Target {
  readonly generation: number;
  readonly address: Address;
}

/** Prover → load process. */
export type LoadCommand =
  /** Kill this should the prover vanish. */
  | { readonly type: "guard"; readonly started: Started }
  | { readonly type: "unguard"; readonly started: Started }
  | { readonly type: "start"; readonly plan: LoadPlan }
  /** New connections go to these. */
  | { readonly type: "route"; readonly targets: readonly Target[] }
  /** Bring the special clients into position on this generation. */
  | { readonly type: "arm"; readonly target: Target }
  | { readonly type: "signalled"; readonly generation: number; readonly at: number }
  /** Which clients still have a connection to this generation? Answered with `held`. */
  | { readonly type: "hold"; readonly generation: number }
  /** End: once nothing is routed any more, or now. Answered with `rows` and `done`. */
  | { readonly type: "finish"; readonly when: "unrouted" | "now" };

/** Load process → prover. */
export type LoadReport =
  /** It listens, and can be trusted with a guard. */
  | { readonly type: "ready" }
  /** `unfounded` says which requests are not answered as they expect, with nothing stopped yet. */
  | { readonly type: "warm"; readonly unfounded: readonly string[] }
  | {
      readonly type: "armed";
      readonly generation: number;
      readonly unfounded: readonly string[];
    }
  | { readonly type: "held"; readonly generation: number; readonly holders: readonly Holder[] }
  /** A failure of the prover itself: nothing measured after it means anything. */
  | { readonly type: "fault"; readonly what: string }
  | { readonly type: "progress"; readonly progress: LoadProgress }
  | { readonly type: "rows"; readonly entries: readonly Entry[] }
  | {
      readonly type: "done";
      readonly planned: number;
      readonly connections: readonly ConnectionEntry[];
      readonly stalls: readonly Stall[];
      readonly noise: Noise;
      /** Answers against an expectation that the stop cannot be blamed for. */
      readonly unfounded: readonly string[];
      /** Requests of which little is known. */
      readonly doubts: readonly string[];
      readonly probes: readonly ProbeChange[];
    };

/** A time in which the load process did not get to run, in `now()` milliseconds. */
export interface Stall {
  readonly from: number;
  readonly to: number;
}
