import type { DrawnRequest } from "../page/columns.js";
import { describeSeen } from "../seen.js";

/** A request's facts, as pairs of what and which. */
export function listFacts(request: DrawnRequest, origin: string): [string, string][] {
  const { client, connection, dueMs, startMs, firstByteMs, endMs, status, id } = request;
  const facts: [string, string][] = [
    ["outcome", describeOutcome(request)],
    ["status", status === null ? "none" : String(status)],
    ["client", `${client}, connection ${String(connection)}`],
    ["sent", startMs === null ? "nothing was sent" : describeInstant(startMs, origin)],
    ["first byte", firstByteMs === null ? "none" : describeInstant(firstByteMs, origin)],
    ["ended", describeInstant(endMs, origin)],
  ];
  if (dueMs !== null) facts.splice(3, 0, ["due", describeInstant(dueMs, origin)]);
  if (startMs !== null) facts.push(["took", formatExactly(endMs - startMs)]);
  return [...facts, ["id", id]];
}

export function describeOutcome({ outcome, kind }: DrawnRequest): string {
  const seen = describeSeen(outcome, kind);
  return seen === undefined ? `${outcome} (${kind})` : `${outcome}: ${seen}`;
}

/** `12.4 ms before the signal`. */
export function describeInstant(ms: number, origin: string): string {
  if (ms === 0) return `at ${origin}`;
  return `${formatExactly(Math.abs(ms))} ${ms < 0 ? "before" : "after"} ${origin}`;
}

function formatExactly(ms: number): string {
  return ms < 1_000
    ? `${String(Number(ms.toFixed(1)))} ms`
    : `${String(Number((ms / 1_000).toFixed(3)))} s`;
}
