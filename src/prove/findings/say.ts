import { formatCount } from "../facts/count.js";
import { formatDuration } from "../facts/duration.js";
import { describeEnding } from "../facts/ending.js";
import type { Evidence } from "../facts/finding.js";
import type { StopResult } from "../facts/result.js";
import type { RequestRow } from "../facts/row.js";
import type { StopFacts } from "./facts.js";
import type { Loss } from "./loss.js";
import type { Sighting } from "./rule.js";

/** More than is read. */
export const MAX_EVIDENCE = 20;

/** `1 request`, `12 requests`. */
export function amountOf(count: number, what: string): string {
  return `${formatCount(count)} ${count === 1 ? what : `${what}s`}`;
}

/** `1 request was`, `12 requests were`. */
export function countOf(count: number, what: string, verbs: readonly [string, string]): string {
  return `${amountOf(count, what)} ${verbs[count === 1 ? 0 : 1]}`;
}

/** A service that is stopped by a command gets what that sends. */
export function nameSignal({ signal }: Pick<StopResult, "signal">): string {
  return signal ?? "the request to stop";
}

/** `29 ms after the signal`. */
export function afterSignal(ms: number): string {
  return afterOrigin(ms, "the signal");
}

/** `29 ms after the command's start`. */
export function afterOrigin(ms: number, origin: "the signal" | "the command's start"): string {
  const side = ms < 0 ? "before" : "after";
  return `${formatDuration(Math.abs(ms))} ${side} ${origin}`;
}

/** A sighting of requests that were lost; undefined when none was. */
export function sightLosses(
  losses: readonly Loss[],
  { what, how }: { what: (count: number) => string; how: (row: RequestRow) => string },
): Sighting | undefined {
  if (losses.length === 0) return undefined;
  const sorted = [...losses].sort((a, b) => a.seenMs - b.seenMs);
  const first = sorted[0]?.seenMs ?? 0;
  return {
    what: `${what(losses.length)}, ${losses.length === 1 ? "" : "the first "}${afterSignal(first)}`,
    count: losses.length,
    evidence: sorted.slice(0, MAX_EVIDENCE).map((loss) => showLoss(loss, how)),
  };
}

/** `POST /orders (pool) was reset 29 ms after the signal`. */
export function showLoss({ row, seenMs }: Loss, how: (row: RequestRow) => string): Evidence {
  return showRequest(row, `${how(row)} ${afterSignal(seenMs)}`, seenMs);
}

export function showRequest(row: RequestRow, what: string, atMs: number): Evidence {
  const { trial, id, client, method, path } = row;
  const route = `${method} ${path}`;
  const line = `${route} (${client}) ${what}`;
  return { what: line, trial, atMs, request: id, route, source: null };
}

/** When a client saw what arrived on this machine at that instant. */
export function seenAt({ asked }: Pick<StopFacts, "asked">, arrivedMs: number): number {
  return Math.round((arrivedMs + asked.rtt / 2) * 10) / 10;
}

/** What is about no request. */
export function showFact(trial: number, what: string, atMs: number | null): Evidence {
  return { what, trial, atMs, request: null, route: null, source: null };
}

export function howItEnded({ kind, startMs }: RequestRow): string {
  const seen = describeEnding(kind);
  return startMs === null ? seen : `sent ${afterSignal(startMs)} ${seen}`;
}
