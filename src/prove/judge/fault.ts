import { formatDuration } from "../facts/duration.js";
import { audit, isBalanced, tally, type Entry, isLost } from "../facts/ledger.js";
import type { ProveResult } from "../facts/result.js";
import type { Stall } from "../load/protocol.js";
import type { LoadOutcome } from "../load/start.js";
import { findNoise } from "./noise.js";

// What was written before a stall may still be on its way when it ends.
const AFTERMATH_MS = 100;

const UNASKED = "no request was sent at all, so that none could be lost (see --clients)";

/** What waited for a connection to the end is told of on its own. */
const isUnsent = ({ outcome, kind }: Entry): boolean => outcome === "unsent" && kind !== "queued";

/** Says what the prover itself did wrong. With anything in the list there is no verdict. */
export function findFaults(outcome: LoadOutcome): string[] {
  const { entries, connections, planned, unfounded, noise } = outcome;
  const faults = [...audit(connections, entries)];
  const counts = tally(planned, entries);
  if (!isBalanced(counts)) faults.push(`the ledger does not close: ${JSON.stringify(counts)}`);
  if (entries.every(isUnsent)) faults.push(UNASKED);
  const noisy = findNoise(noise);
  // One cause is told once, with the more exact figures.
  const blamed = noisy.length > 0 ? noisy : blameStalls(outcome);
  return [...faults, ...unfounded, ...blamed, ...blameBound(entries)];
}

/** Everything for which a run has no verdict. */
export function listFaults({ trials, inspection }: ProveResult): string[] {
  return [...trials.flatMap(({ faults }) => faults), ...(inspection?.faults ?? [])];
}

/** Losses are not the service's when each of them came while the load process was held up. */
function blameStalls({ entries, stalls }: LoadOutcome): string[] {
  const lost = entries.filter(isLost);
  const isOwn = lost.every((entry) => stalls.some((stall) => isWithin(entry, stall)));
  if (lost.length === 0 || !isOwn) return [];
  const longest = Math.max(...stalls.map(({ from, to }) => to - from));
  const held = `the load process did not get to run for ${formatDuration(longest)}`;
  return [`${held}: what was lost may be its own doing (try fewer --clients)`];
}

/** Arrivals that never got a connection say nothing of the service, unless it lost others. */
function blameBound(entries: readonly Entry[]): string[] {
  const queued = entries.filter(({ kind }) => kind === "queued").length;
  if (queued === 0 || entries.some(isLost)) return [];
  const text = `${String(queued)} arrivals found no connection free until the end`;
  return [`${text} (try a lower --rate, or more --clients rate=N)`];
}

function isWithin({ sentAt, endedAt }: Entry, { from, to }: Stall): boolean {
  return endedAt >= from && (sentAt ?? endedAt) <= to + AFTERMATH_MS;
}
