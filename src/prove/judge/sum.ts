import { CLIENTS, tally, type Client, type Entry, type Tally, isLost } from "../facts/ledger.js";
import type { Origin } from "../facts/origin.js";
import type { Loss } from "../facts/result.js";

/** Adds tallies up. */
export function sumTallies(tallies: readonly Tally[]): Tally {
  const sum = { planned: 0, ok: 0, retryable: 0, refused: 0, dropped: 0, unsent: 0 };
  for (const counts of tallies) {
    for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += counts[key];
  }
  return sum;
}

export function tallyByClient(entries: readonly Entry[]): Record<Client, Tally> {
  const tallies = CLIENTS.map((client) => {
    const mine = entries.filter((entry) => entry.client === client);
    return [client, tally(mine.length, mine)] as const;
  });
  return Object.fromEntries(tallies) as Record<Client, Tally>;
}

/** Groups what was lost by what its client saw, most frequent first. */
export function sumLosses(entries: readonly Entry[], origin: Origin): Loss[] {
  const lost = entries.filter(isLost).map((entry) => {
    const firstMs = Math.round(entry.endedAt - origin(entry.generation));
    const { outcome, kind, client } = entry;
    return { outcome: outcome as Loss["outcome"], kind, client, count: 1, firstMs };
  });
  return mergeLosses(lost);
}

export function mergeLosses(losses: readonly Loss[]): Loss[] {
  const merged = new Map<string, Loss>();
  for (const loss of losses) {
    const key = `${loss.outcome} ${loss.kind} ${loss.client}`;
    const before = merged.get(key);
    const count = loss.count + (before?.count ?? 0);
    const firstMs = Math.min(loss.firstMs, before?.firstMs ?? loss.firstMs);
    merged.set(key, { ...loss, count, firstMs });
  }
  return [...merged.values()].sort((a, b) => b.count - a.count);
}
