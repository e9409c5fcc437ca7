import type { RequestRow } from "../facts/row.js";
import { measureDelay } from "./delay.js";
import type { ConnectionRow, StopFacts } from "./facts.js";
import { type Loss, type Losses, type LossKind, WRONG } from "./loss.js";

type Seen = Omit<StopFacts, "losses">;

/**
 * Between a request's arrival and the close of its connection: less, and the service may not have
 * read it yet; more, and it had it.
 */
const READ_MS = 25;
/** A connection made for its request carries it at once. */
const PROMPT_MS = 50;
/** A killed process' connections may be seen to end a moment before the prover knows of it. */
const KILL_MS = 20;

/** Sorts what was lost from the signal on by how that happened. Each loss has exactly one kind. */
export function explainLosses(seen: Seen): Losses {
  const losses: Record<LossKind, Loss[]> = {
    refused: [],
    hung: [],
    queued: [],
    crossed: [],
    cut: [],
    upload: [],
    torn: [],
    reader: [],
    pipeline: [],
    expect: [],
    websocket: [],
    h2: [],
    wrong: [],
    killed: [],
    other: [],
  };
  const firsts = findFirsts(seen.requests);
  const readMs = READ_MS + measureDelay(seen.requests);
  const context = { seen, readMs, isFull: isFull(seen) };
  for (const row of seen.requests) {
    if (row.outcome !== "refused" && row.outcome !== "dropped") continue;
    const connection = seen.connections.get(row.connection);
    const atMs = instantOf(row, connection);
    if (!isOfTheStop(atMs, seen)) continue;
    const isFirst = firsts.get(row.connection) === row;
    losses[explain(row, { ...context, connection, atMs, isFirst })].push({
      row,
      atMs,
      seenMs: row.kind === "timeout" ? atMs : row.endMs,
    });
  }
  return losses;
}

/** When it was lost: one that hangs in a connect does so from its beginning. */
function instantOf(row: RequestRow, connection: ConnectionRow | undefined): number {
  if (WRONG.has(row.kind)) return row.firstByteMs ?? row.endMs;
  const endMs = connection?.endMs ?? row.endMs;
  if (row.kind !== "timeout" || endMs < 0) return endMs;
  return Math.max(0, connection?.askedMs ?? endMs);
}

/** What was lost before the signal is not the stop's; what a second signal costs was asked for. */
function isOfTheStop(atMs: number, { stop }: Seen): boolean {
  const { signalledAgainMs } = stop.timeline;
  return atMs >= 0 && (signalledAgainMs === null || atMs < signalledAgainMs);
}

interface Context {
  readonly seen: Seen;
  /** How long a request may have been here unread. */
  readonly readMs: number;
  readonly isFull: boolean;
  readonly connection: ConnectionRow | undefined;
  readonly atMs: number;
  readonly isFirst: boolean;
}

function explain(row: RequestRow, context: Context): LossKind {
  const { client, kind, outcome } = row;
  const { asked } = context.seen;
  if (WRONG.has(kind)) return "wrong";
  if (outcome === "refused") return explainRefusal(row, context);
  if (context.seen.held !== null && context.atMs >= asked.grace - KILL_MS) return "killed";
  if (client === "websocket") return "websocket";
  if (client === "h2" || client === "h2-idle") return "h2";
  if (client === "pipeline") return "pipeline";
  if (client === "upload") return "upload";
  if (client === "stalled") return "reader";
  if (client === "expect") return (row.startMs ?? 0) > 0 ? "expect" : "cut";
  if (kind === "truncated") return "torn";
  if (kind !== "reset" && kind !== "empty") return "other";
  return explainSilence(row, context);
}

/** Nothing was sent: a new connection was not made, or taken away before its request. */
function explainRefusal({ kind }: RequestRow, { seen, atMs }: Context): LossKind {
  if (kind === "refused") return "refused";
  if (kind === "timeout") return "hung";
  return isBeforeClose(seen, atMs) ? "crossed" : "queued";
}

/**
 * Whether the listener was still open: then no queue was reset, and what had just come was closed with
 * those that are idle. Node 26 does so with a connection whose first request it has not read.
 */
function isBeforeClose({ listenerOpenMs }: Seen, atMs: number): boolean {
  return listenerOpenMs !== null && atMs < listenerOpenMs;
}

/** Not a byte came back: it was in the queue, or on the wire, or in a handler. */
function explainSilence(row: RequestRow, context: Context): LossKind {
  const { seen, connection, atMs, readMs, isFirst } = context;
  const sentMs = row.startMs ?? 0;
  const arrivedMs = sentMs + seen.asked.rtt / 2;
  const isUnread = arrivedMs > atMs - readMs;
  const connectedMs = connection?.connectedMs ?? Number.NEGATIVE_INFINITY;
  const isNew = isFirst && connectedMs > -READ_MS && sentMs - connectedMs < PROMPT_MS;
  const isUnserved = context.isFull || !isServing(seen, arrivedMs + readMs, atMs);
  const isWaiting = isNew && (isUnread || isUnserved);
  if (isWaiting && !isBeforeClose(seen, atMs)) return "queued";
  // Half a head is no request yet.
  return isUnread || row.client === "half-head" ? "crossed" : "cut";
}

/** Whether any was answered in that time: a listener that serves others has accepted this one too. */
function isServing({ requests }: Seen, fromMs: number, toMs: number): boolean {
  return requests.some(
    ({ firstByteMs }) => firstByteMs !== null && firstByteMs > fromMs && firstByteMs < toMs,
  );
}

/** Whether nothing was accepted any more, whatever was answered: the queue behind the listener was full. */
function isFull({ requests }: Seen): boolean {
  return requests.some(({ kind, endMs }) => kind === "timeout" && endMs >= 0);
}

/** The first request of each connection. */
function findFirsts(rows: readonly RequestRow[]): ReadonlyMap<number, RequestRow> {
  const firsts = new Map<number, RequestRow>();
  for (const row of rows) {
    const before = firsts.get(row.connection);
    if (before === undefined || startOf(row) < startOf(before)) firsts.set(row.connection, row);
  }
  return firsts;
}

function startOf(row: RequestRow): number {
  return row.startMs ?? row.endMs;
}
