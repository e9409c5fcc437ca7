import type { Holder } from "../load/protocol.js";
import type { StopFacts } from "./facts.js";
import type { Evidence } from "./finding.js";
import { formatDuration } from "../duration.js";
import { showFact } from "./say.js";

/** What kind of connection the service had not closed when it was killed. */
export type HeldKind = "idle" | "stream" | "websocket" | "h2" | "pool";

/** Our connections that were open when the process was killed; empty when it left by itself. */
export function findHeld({ held }: StopFacts, kind: HeldKind): readonly Holder[] {
  return (held?.connections ?? []).filter((holder) => kindOf(holder) === kind);
}

function kindOf({ client, state }: Holder): HeldKind {
  if (client === "websocket") return "websocket";
  if (client === "h2" || client === "h2-idle") return "h2";
  // Its next request comes by itself, as long as nobody tells it to go elsewhere.
  if (client === "pool" || client === "rate" || client === "fresh") return "pool";
  return IDLE.has(state) ? "idle" : "stream";
}

const IDLE: ReadonlySet<string> = new Set([
  "idle keep-alive connection",
  "connection without a byte",
  "half-sent head",
]);

/** `2 × half-sent head, 1 × request in flight (GET /slow)`. */
export function listHeld(holders: readonly Holder[]): string {
  const counts = new Map<string, number>();
  for (const holder of holders) {
    const name = nameOf(holder);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${String(count)} × ${name}`).join(", ");
}

export function showHeld({ trial, asked }: StopFacts, holders: readonly Holder[]): Evidence[] {
  return holders.map((holder) => {
    const since = `so for ${formatDuration(holder.ageMs)} when the grace period ended`;
    const what = `connection ${String(holder.connection)} (${holder.client}): ${nameOf(holder)}, ${since}`;
    return showFact(trial, what, asked.grace);
  });
}

function nameOf({ state, request }: Holder): string {
  return request === null ? state : `${state} (${request})`;
}
