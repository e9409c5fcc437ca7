import { isWell } from "../../facts/probes.js";
import type { ProbeRow, StopFacts } from "../facts.js";
import { closedAt, wasWell } from "../readiness/flip.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, amountOf, showFact } from "../say.js";

export const livenessFailed: Rule = {
  id: "probe/liveness-failed",
  severity: "error",
  title: "the liveness probe fails while the service stops",
  cause:
    "The liveness probe failed while the service was still at work. What watches it takes a service that stops for one that hangs, and kills it with everything in flight.",
  next: "Answer 200 to the liveness probe for as long as the process lives: not ready is not dead. Use a flag of its own for each of the two.",
  explainedBy: [
    "signal/never-arrived",
    "exit/at-once",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
  ],
  find: (facts: StopFacts): Sighting | undefined => {
    const closed = closedAt(facts);
    const failed = facts.probes.filter((row) => isFailure(row) && row.answeredMs < closed);
    if (!wasWell(facts, "liveness") || failed.length === 0) return undefined;
    const first = failed[0]?.answeredMs ?? 0;
    return {
      what: `${amountOf(failed.length, "answer")} of the liveness probe said dead, the first ${afterSignal(first)}`,
      count: failed.length,
      evidence: failed.map(({ answer, answeredMs }) =>
        showFact(facts.trial, `liveness ${String(answer)} ${afterSignal(answeredMs)}`, answeredMs),
      ),
    };
  },
};

/** Once the listener is closed a probe is refused like any client: only answers count, or their lack. */
function isFailure(row: ProbeRow): boolean {
  const isWord = typeof row.answer === "number" || row.answer === "nothing";
  return row.kind === "liveness" && row.answeredMs >= 0 && isWord && !isWell(row);
}
