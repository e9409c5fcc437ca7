import type { LoadPlan } from "./load/protocol.js";
import type { ResolvedOptions } from "./options.js";

// The load is bounded in number as well as in time.
const MAX_REQUESTS = 200_000;

/** What the load process is told at its start. */
export function planLoad(options: ResolvedOptions, trial: number, seed: number): LoadPlan {
  const { rtt, lag, think, warmup, grace, clients, tls } = options;
  const { requests, slow, uploads, pipelined, expecting, stalled } = options;
  const { events, websockets, h2, readiness, liveness, rate } = options;
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
    // Ends after the balancer's lag, when a service may have closed its listener.
    uploadMs: Math.min(lag + Math.min(lag, 1_000), grace / 2),
    maxRequests: MAX_REQUESTS,
    rate,
    counts: clients,
    seed,
    idPrefix: `p${seed.toString(16)}-${String(trial)}`,
  };
}
