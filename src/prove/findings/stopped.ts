import type { RequestRow } from "../facts/row.js";
import type { StopFacts } from "./facts.js";
import type { Loss, LossKind } from "./loss.js";

/** Ample for a process that only has to end itself, also on a machine under load. */
export const AT_ONCE_MS = 1_000;
/** No platform should have to wait so long for a process that has nothing left to do. */
export const LATE_MS = 3_000;
/** The prover learns of an exit a moment after the connections have gone with it, or before. */
export const EXIT_MS = 100;
/** An answer whose head left before the signal was noticed cannot speak of it. */
const NOTICE_MS = 100;

/** What had begun and was lost by the service's own doing. */
export const CUT_KINDS = ["cut", "torn", "upload", "reader", "pipeline"] as const;

/** Losses of these kinds together. */
export function lossesOf({ losses }: StopFacts, kinds: readonly LossKind[]): readonly Loss[] {
  return kinds.flatMap((kind) => losses[kind]);
}

/** When the process had ended by itself; null when it was killed, left something, or was not seen. */
export function leftAt({ stop, held, exitMs }: StopFacts): number | null {
  return held === null && stop.exit.orphans === null ? exitMs : null;
}

/**
 * Losses of a client that waited for most of the grace period before it gave up: that is what a
 * deadline is for, and its exit code has to say so.
 */
export function isAtDeadline({ asked }: StopFacts, { atMs, row }: Loss): boolean {
  return atMs >= asked.grace / 2 && row.client !== "events";
}

/** Losses of a kind, less those at a deadline whose exit code is to blame. */
export function blameCut(facts: StopFacts, kind: LossKind): readonly Loss[] {
  const losses = facts.losses[kind];
  const { code } = facts.stop.exit;
  return code === 0 ? losses.filter((loss) => !isAtDeadline(facts, loss)) : losses;
}

/** Answers that could have said close: their head left when the signal had been noticed. */
export function answersSince({ requests }: StopFacts): readonly RequestRow[] {
  return requests.filter(
    ({ client, outcome, firstByteMs }) =>
      outcome === "ok" && TOLD.has(client) && (firstByteMs ?? -1) >= NOTICE_MS,
  );
}

// A fresh client asks for the close itself, and is told nothing by being given it.
const TOLD: ReadonlySet<string> = new Set([
  "pool",
  "rate",
  "idle",
  "silent",
  "half-head",
  "slow",
  "upload",
  "pipeline",
  "expect",
  "stalled",
]);

/** Whether a client could see that the service is leaving. */
export function hasSaidGoodbye({ stop, connections }: StopFacts): boolean {
  const { firstCloseMs, firstGoawayMs } = stop.timeline;
  if (firstCloseMs !== null || firstGoawayMs !== null) return true;
  // A fresh client asks for the close itself.
  return [...connections.values()].some(
    ({ client, saidCloseMs }) => client !== "fresh" && (saidCloseMs ?? -1) >= 0,
  );
}

/** Whether the listener was seen to close while the process lived. */
export function hasClosedListener({ stop }: StopFacts): boolean {
  const { listenerClosedMs, firstRefusedMs } = stop.timeline;
  return listenerClosedMs !== null || firstRefusedMs !== null;
}

/** Whether it was ended by the signal it was sent, be it by the system or by its own hand. */
function isEndedBySignal({ stop, exitMs }: StopFacts): boolean {
  return exitMs !== null && stop.exit.signal !== null && stop.exit.signal === stop.signal;
}

/**
 * Whether it was there after the signal: it said goodbye, or answered a request that was sent later. What
 * nothing listens in is gone when the system has taken the signal.
 */
function hasLivedOn(facts: StopFacts): boolean {
  const { toldMs, requests, asked } = facts;
  if (hasSaidGoodbye(facts)) return true;
  return requests.some(
    ({ startMs, firstByteMs }) =>
      toldMs !== null &&
      startMs !== null &&
      firstByteMs !== null &&
      startMs + asked.rtt / 2 > toldMs,
  );
}

/** Whether the signal ended it because nothing in it listens, as far as can be seen. */
export function isDefaultAction(facts: StopFacts): boolean {
  if (!isEndedBySignal(facts)) return false;
  if (facts.disposition === "default") return true;
  // The runtimes of Node and Go catch it themselves, and end themselves by it.
  return (facts.exitMs ?? 0) < AT_ONCE_MS && !hasLivedOn(facts);
}

/** Whether something in it listened, and raised the signal again. */
export function isRaisedAgain(facts: StopFacts): boolean {
  return isEndedBySignal(facts) && !isDefaultAction(facts);
}
