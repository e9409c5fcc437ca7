import { type Entry, isLost } from "../facts/ledger.js";
import type { Gap, GapKind } from "../facts/rollout.js";

// Failures further apart than this are two events for someone who looks at a rollout.
const JOIN_MS = 500;
const MAX_IDS = 5;

/** Finds the times in which requests failed. Instants count from `origin`. */
export function findGaps(entries: readonly Entry[], origin: number): Gap[] {
  const lost = entries.filter(isLost).sort((a, b) => instantOf(a) - instantOf(b));
  const groups: Entry[][] = [];
  for (const entry of lost) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const isNear = last !== undefined && instantOf(entry) - instantOf(last) <= JOIN_MS;
    if (group !== undefined && isNear) group.push(entry);
    else groups.push([entry]);
  }
  return groups.map((group) => measure(group, entries, origin));
}

function measure(group: readonly Entry[], entries: readonly Entry[], origin: number): Gap {
  const instants = group.map(instantOf);
  const first = instants[0] ?? origin;
  const last = instants.at(-1) ?? origin;
  const isWithin = ({ endedAt }: Entry): boolean => endedAt >= first && endedAt <= last;
  const answered = entries.filter((entry) => entry.outcome === "ok" && isWithin(entry));
  return {
    firstMs: round(first - origin),
    lastMs: round(last - origin),
    count: group.length,
    answered: answered.length,
    silentMs: longestPause([first, ...answered.map(({ endedAt }) => endedAt), last]),
    kinds: countKinds(group),
  };
}

function longestPause(instants: readonly number[]): number {
  const sorted = [...instants].sort((a, b) => a - b);
  return round(Math.max(0, ...sorted.slice(1).map((at, index) => at - (sorted[index] ?? at))));
}

function countKinds(group: readonly Entry[]): GapKind[] {
  const kinds = new Map<string, GapKind>();
  for (const { id, outcome, kind } of group) {
    const key = `${outcome} ${kind}`;
    const { count = 0, ids = [] } = kinds.get(key) ?? {};
    kinds.set(key, {
      outcome: outcome as GapKind["outcome"],
      kind,
      count: count + 1,
      ids: ids.length < MAX_IDS ? [...ids, id] : ids,
    });
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count);
}

/** A request that waited in vain to the run's end was failed when it asked, not when the run was over. */
function instantOf({ kind, sentAt, endedAt }: Entry): number {
  return kind === "unanswered" ? (sentAt ?? endedAt) : endedAt;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
