import { formatDuration } from "../../facts/duration.js";
import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, showFact } from "../say.js";
import { LATE_MS, leftAt } from "../stopped.js";

export const late: Rule = {
  id: "exit/late",
  severity: "warning",
  title: "the process leaves by itself, but long after it had nothing left to do",
  cause:
    "The listener was closed, every connection had gone and the last byte was out, and the process stayed: a timer that was not cleared, a pool that takes its time, a fixed sleep. Each stop costs that much.",
  next: "Clear timers or `unref()` them, close pools and clients as the last step, and wait for events in place of fixed sleeps.",
  explainedBy: ["idle/holds-exit", "signal/never-arrived"],
  find: (facts: StopFacts): Sighting | undefined => {
    const { trial } = facts;
    const left = leftAt(facts);
    const done = left === null ? undefined : findLastWork(facts, left);
    if (left === null || done === undefined || left - done < LATE_MS) return undefined;
    return {
      what: `exited ${formatDuration(left - done)} after its last work was done`,
      count: 1,
      evidence: [
        showFact(trial, `listener closed, last connection gone ${afterSignal(done)}`, done),
        showFact(trial, `exit ${afterSignal(left)}`, left),
      ],
    };
  },
};

/** Undefined while the listener is open, or where that cannot be seen: it may still be wanted. */
function findLastWork(facts: StopFacts, left: number): number | undefined {
  const { listenerClosedMs, firstRefusedMs, lastByteMs } = facts.stop.timeline;
  const closedMs = listenerClosedMs ?? firstRefusedMs;
  if (closedMs === null) return undefined;
  const ends = [...facts.connections.values()].map(({ endMs }) => endMs);
  // A client learns half a round trip later that it may go.
  return Math.max(closedMs, lastByteMs ?? 0, ...ends.filter((ms) => ms <= left)) + facts.asked.rtt;
}
