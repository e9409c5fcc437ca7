import { formatCount } from "../facts/count.js";
import { formatDuration } from "../facts/duration.js";
import type { Entry } from "../facts/ledger.js";
import type { Latency, Percentiles } from "../facts/result.js";

/**
 * How long the answers of the open loop took, from the instant each request was due: waiting for a
 * connection counts. `during` has the requests that had not ended at the signal and those after it.
 * Null without an open loop. What was lost has no latency, and is counted as lost.
 */
export function measureLatency(entries: readonly Entry[], signalledAt: number): Latency | null {
  const timed = entries.filter(({ dueAt }) => dueAt !== undefined);
  if (timed.length === 0) return null;
  const answered = timed.filter(({ outcome }) => outcome === "ok");
  return {
    before: rank(answered.filter(({ endedAt }) => endedAt < signalledAt)),
    during: rank(answered.filter(({ endedAt }) => endedAt >= signalledAt)),
  };
}

function rank(entries: readonly Entry[]): Percentiles | null {
  if (entries.length === 0) return null;
  const sorted = entries
    .map(({ endedAt, dueAt = endedAt }) => endedAt - dueAt)
    .sort((a, b) => a - b);
  // The nearest rank: a value that was measured.
  const at = (share: number): number => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
    return Math.round(value * 10) / 10;
  };
  return {
    count: sorted.length,
    p50Ms: at(0.5),
    p90Ms: at(0.9),
    p99Ms: at(0.99),
    maxMs: at(1),
  };
}

/** The worst of several, figure by figure. */
export function worstPercentiles(all: readonly (Percentiles | null)[]): Percentiles | null {
  const seen = all.filter((one) => one !== null);
  if (seen.length === 0) return null;
  const most = (key: keyof Percentiles): number => Math.max(...seen.map((one) => one[key]));
  return {
    count: seen.reduce((sum, { count }) => sum + count, 0),
    p50Ms: most("p50Ms"),
    p90Ms: most("p90Ms"),
    p99Ms: most("p99Ms"),
    maxMs: most("maxMs"),
  };
}

export function formatPercentiles({ count, p50Ms, p90Ms, p99Ms, maxMs }: Percentiles): string {
  const parts = [
    `p50 ${formatDuration(p50Ms)}`,
    `p90 ${formatDuration(p90Ms)}`,
    `p99 ${formatDuration(p99Ms)}`,
    `longest ${formatDuration(maxMs)}`,
  ];
  return `${parts.join(", ")} of ${formatCount(count)}`;
}
