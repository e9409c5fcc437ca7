import { formatCount } from "../count.js";
import { formatDuration } from "../duration.js";
import type { StopResult } from "../result.js";
import type { RequestRow } from "../row.js";
import type { Evidence } from "./finding.js";
import type { Loss } from "./losses.js";
import type { Sighting } from "./rule.js";

/** More than anybody reads. */
const MAX_EVIDENCE = 20;

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
  return ms < 0
    ? `${formatDuration(-ms)} before the signal`
    : `${formatDuration(ms)} after the signal`;
}

/** A sighting of requests that were lost; undefined when none was. */
export function sightLosses(
  losses: readonly Loss[],
  { what, how }: { what: (count: number) => string; how: (row: RequestRow) => string },
): Sighting | undefined {
  if (losses.length === 0) return undefined;
  const sorted = [...losses].sort((a, b) => a.atMs - b.atMs);
  const first = sorted[0]?.atMs ?? 0;
  return {
    what: `${what(losses.length)}, ${losses.length === 1 ? "" : "the first "}${afterSignal(first)}`,
    count: losses.length,
    evidence: sorted.slice(0, MAX_EVIDENCE).map((loss) => showLoss(loss, how)),
  };
}

/** `POST /orders (pool) was reset 29 ms after the signal`. */
export function showLoss({ row, atMs }: Loss, how: (row: RequestRow) => string): Evidence {
  return showRequest(row, `${how(row)} ${afterSignal(atMs)}`, atMs);
}

export function showRequest(row: RequestRow, what: string, atMs: number): Evidence {
  const { trial, id, client, method, path } = row;
  const route = `${method} ${path}`;
  const line = `${route} (${client}) ${what}`;
  return { what: line, trial, atMs, request: id, route, source: null };
}

/** What is about no request. */
export function showFact(trial: number, what: string, atMs: number | null): Evidence {
  return { what, trial, atMs, request: null, route: null, source: null };
}

export function howItEnded({ kind, startMs }: RequestRow): string {
  const seen = SEEN[kind] ?? `ended (${kind})`;
  return startMs === null ? seen : `sent ${afterSignal(startMs)} ${seen}`;
}

const SEEN: Readonly<Record<string, string>> = {
  refused: "was refused",
  reset: "was reset",
  empty: "was closed without an answer",
  closed: "was closed before its request",
  truncated: "was cut inside the answer",
  unanswered: "was never answered",
  "after-close": "was left behind an answer that said close",
  "refused-again": "was refused again when it was sent again",
  "abnormal-close": "ended without a close frame",
};
