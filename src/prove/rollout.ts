import type { Entry, Outcome } from "./ledger.js";
import { isLost } from "./observe.js";

/** What happened while a command ran under load. Instants count from its start. */
export interface Rollout {
  /** The shell command. */
  readonly command: string;
  /** As a shell shows it: 128 + n for a command ended by signal n. */
  readonly exitCode: number;
  /** Always 0: from here the others count. */
  readonly startMs: number;
  /** When the command ended. */
  readonly endMs: number;
  /** How long the load went on after that. */
  readonly tailMs: number;
  /** The times in which requests failed, in their order. */
  readonly gaps: readonly Gap[];
}

/** A time in which requests failed, none of them long after the one before. */
export interface Gap {
  /** When the first client saw its failure; a request without an answer counts from its sending. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** How many failed. */
  readonly count: number;
  /** How many were answered well meanwhile: none in an outage. */
  readonly answered: number;
  /** How they failed, most frequent first. */
  readonly kinds: readonly GapKind[];
}

/** Requests that failed alike. */
interface GapKind {
  readonly outcome: Extract<Outcome, "refused" | "dropped">;
  readonly kind: string;
  readonly count: number;
  /** Ids of the first of them, as in the ledger and in `X-Request-Id`. */
  readonly ids: readonly string[];
}

// Failures further apart than this are two events for who looks at a rollout.
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
  return {
    firstMs: round(first - origin),
    lastMs: round(last - origin),
    count: group.length,
    answered: entries.filter((entry) => entry.outcome === "ok" && isWithin(entry)).length,
    kinds: countKinds(group),
  };
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

/** Who waited in vain to the run's end was failed when it asked, not when the run was over. */
function instantOf({ kind, sentAt, endedAt }: Entry): number {
  return kind === "unanswered" ? (sentAt ?? endedAt) : endedAt;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
