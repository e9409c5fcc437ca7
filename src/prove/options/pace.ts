/**
 * The lag of a balancer that is slower than any seen of kube-proxy: 212 ms in the median and 1,305 ms at most from
 * the delete to the last new connection.
 */
export const PACE: Pace = { warmup: 1_000, lag: 1_500 };
/** Enough to see what is always lost; what needs luck or a slow balancer is not seen. */
export const QUICK: Pace = { warmup: 300, lag: 500 };

/** Times that belong together. */
export type Pace = Readonly<Record<"warmup" | "lag", number>>;

/** From the signal to SIGKILL: what Kubernetes grants. */
export const GRACE_MS = 30_000;
