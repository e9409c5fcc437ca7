import { describeEnding } from "../../facts/ending.js";
import type { Evidence } from "../../facts/finding.js";
import type { Gap } from "../../facts/rollout.js";
import type { RequestRow } from "../../facts/row.js";
import { measureDelay } from "../delay.js";
import type { RolloutFacts } from "../facts.js";
import { WRONG } from "../loss.js";
import type { Sighting } from "../rule.js";
import { afterOrigin, amountOf, MAX_EVIDENCE, showRequest } from "../say.js";
import { stopOf } from "./instances.js";

/** How a request was lost while a command ran, as far as the wire tells. */
export type RolloutLoss =
  /** Nothing was answered for a while, and no connection was made. */
  | "outage"
  /** No connection was made, while others were answered. */
  | "refused"
  /** A kept-alive connection was closed while the request was on its way on it. */
  | "race"
  /** Answered in full, and not as it should be. */
  | "wrong"
  /** What had the request went without an answer, or in the middle of it. */
  | "cut";

/** What a time without an answer has to last to be more than chance. */
const OUTAGE_MS = 100;
/** Between a request's arrival and the close that it crossed: more, and what closed had read it. */
const READ_MS = 25;

/** The losses of one kind, in the order of their ends. */
export function lossesOf(facts: RolloutFacts, kind: RolloutLoss): readonly RequestRow[] {
  const travel = createTravel(facts);
  const lost = facts.requests.filter(
    ({ outcome }) => outcome === "refused" || outcome === "dropped",
  );
  return lost
    .filter((row) => explain(row, facts, travel) === kind)
    .sort((a, b) => a.endMs - b.endMs);
}

/** Whether it is a time in which no instance answered, and not only one in which a request was lost. */
export function isOutage({ silentMs }: Gap): boolean {
  return silentMs >= OUTAGE_MS;
}

function explain(
  row: RequestRow,
  facts: RolloutFacts,
  travel: (atMs: number) => number,
): RolloutLoss {
  const { outcome, kind, endMs, startMs } = row;
  if (outcome === "refused") {
    const isWithin = ({ firstMs, lastMs }: Gap): boolean => endMs >= firstMs && endMs <= lastMs;
    return facts.rollout.gaps.some((gap) => isOutage(gap) && isWithin(gap)) ? "outage" : "refused";
  }
  if (WRONG.has(kind)) return "wrong";
  const isSilent = kind === "reset" || kind === "empty";
  const isPrompt = startMs !== null && endMs - startMs <= travel(endMs) + READ_MS;
  return isSilent && isPrompt && facts.reused.has(row.id) ? "race" : "cut";
}

/**
 * How long a close takes to be seen that a request crosses: there and back at its best, and what a machine
 * under load adds to that around an instant.
 */
function createTravel({ requests, rtt }: RolloutFacts): (atMs: number) => number {
  const waits = requests.flatMap(({ startMs, endMs, outcome }) =>
    outcome === "ok" && startMs !== null ? [endMs - startMs] : [],
  );
  const bestMs = Math.max(rtt, Math.min(...waits, 1_000));
  const delays = new Map<number, number>();
  return (atMs) => {
    const slot = Math.round(atMs / SLOT_MS);
    const delay = delays.get(slot) ?? measureDelay(requests, slot * SLOT_MS);
    delays.set(slot, delay);
    return bestMs + delay;
  };
}

const SLOT_MS = 250;

/** A sighting of requests that were lost alike; undefined when none was. */
export function sightRollout(
  facts: RolloutFacts,
  lost: readonly RequestRow[],
  what: (count: string) => string,
): Sighting | undefined {
  const [first] = lost;
  if (first === undefined) return undefined;
  const when = `${lost.length === 1 ? "" : "the first "}${afterStart(first.endMs)}`;
  const whose = describeShares(facts, lost);
  return {
    what: `${what(amountOf(lost.length, "request"))}, ${when}${whose}`,
    count: lost.length,
    evidence: lost.slice(0, MAX_EVIDENCE).map((row) => showLost(facts, row)),
  };
}

/** `; shop-1 lost 3, shop-2 lost 1`, where answers say what gave them. */
function describeShares(facts: RolloutFacts, lost: readonly RequestRow[]): string {
  const shares = new Map<string, number>();
  for (const row of lost) {
    const instance = facts.instances.get(row.id);
    if (instance !== undefined) shares.set(instance, (shares.get(instance) ?? 0) + 1);
  }
  const parts = [...shares].map(([instance, count]) => `${instance} lost ${String(count)}`);
  return parts.length === 0 ? "" : `; ${parts.join(", ")}`;
}

function showLost(facts: RolloutFacts, row: RequestRow): Evidence {
  const { kind, status, endMs, startMs } = row;
  const how = WRONG.has(kind) ? `was answered ${String(status)}` : describeEnding(kind);
  const sent = startMs === null ? "" : `sent ${afterStart(startMs)} `;
  const stop = stopOf(facts, row);
  return showRequest(row, `${sent}${how} ${afterStart(endMs)}${stop}`, endMs);
}

/** `1.2 s after the command's start`. */
function afterStart(ms: number): string {
  return afterOrigin(ms, "the command's start");
}
