import { formatDuration } from "../facts/duration.js";
import type { Evidence } from "../facts/finding.js";
import { countHolders, kindOf, nameHolder, type HeldKind, type Holder } from "../facts/holders.js";
import type { StopFacts } from "./facts.js";
import { showFact } from "./say.js";

/** Our connections that were open when the process was killed; empty when it left by itself. */
export function findHeld({ held }: StopFacts, kind: HeldKind): readonly Holder[] {
  return (held?.connections ?? []).filter((holder) => kindOf(holder) === kind);
}

/** `2 × half-sent head, 1 × request in flight (GET /slow)`. */
export function listHeld(holders: readonly Holder[]): string {
  return countHolders(holders).join(", ");
}

export function showHeld({ trial, asked }: StopFacts, holders: readonly Holder[]): Evidence[] {
  return holders.map((holder) => {
    const since = `so for ${formatDuration(holder.ageMs)} when the grace period ended`;
    const what = `connection ${String(holder.connection)} (${holder.client}): ${nameHolder(holder)}, ${since}`;
    return showFact(trial, what, asked.grace);
  });
}
