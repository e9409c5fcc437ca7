import type { LoadPlan } from "../load/protocol.js";
import type { ResolvedOptions } from "../options/resolve.js";

// The load is bounded in number as well as in time. A rollout may take its time.
const MAX_REQUESTS = { stop: 200_000, rollout: 1_000_000 } as const;

/** What the load process is told at its start. */
export function planLoad(options: ResolvedOptions, trial: number, seed: number): LoadPlan {
  const { rtt, lag, think, warmup, grace, clients, tls } = options;
  const { requests, slow, uploads, pipelined, expecting, stalled } = options;
  const { events, websockets, h2, readiness, liveness, rate, connectTimeout } = options;
  const isRollout = options.pointing.way === "rollout";
  return {
    requests,
    slow,
    uploads,
    pipelined,
    expecting,
    stalled,
    events,
    websockets,
    h2,
    readiness,
    liveness,
    tls,
    rttMs: rtt,
    lagMs: lag,
    thinkMs: think,
    warmupMs: warmup,
    connectTimeoutMs: connectTimeout,
    // Ends after the balancer's lag, when a service may have closed its listener.
    uploadMs: Math.min(lag + Math.min(lag, 1_000), grace / 2),
    maxRequests: isRollout ? MAX_REQUESTS.rollout : MAX_REQUESTS.stop,
    hasSignal: !isRollout,
    instanceField: options.instanceHeader,
    rate,
    counts: clients,
    seed,
    idPrefix: `p${seed.toString(16)}-${String(trial)}`,
  };
}
