import { isWell } from "../../facts/probes.js";
import type { ProbeRow, StopFacts } from "../facts.js";

/** The first answer after the signal that says not ready; undefined when there was none. */
export function findFlip({ probes }: StopFacts): ProbeRow | undefined {
  return probes.find(
    (row) => row.kind === "readiness" && row.answeredMs >= 0 && isAnswer(row) && !isWell(row),
  );
}

/** Whether a probe of this kind was asked, and well at the signal. */
export function wasWell({ probes }: StopFacts, kind: ProbeRow["kind"]): boolean {
  const before = probes.filter((row) => row.kind === kind && row.answeredMs < 0).at(-1);
  return before !== undefined && isWell(before);
}

function isAnswer({ answer }: ProbeRow): boolean {
  return typeof answer === "number";
}

/** When new connections were no longer taken, as a client or a probe saw it first. */
export function closedAt({ stop, exitMs, asked, probes }: StopFacts): number {
  const { listenerClosedMs, firstRefusedMs } = stop.timeline;
  const refused = probes.filter(({ answer, askedMs }) => answer === "refused" && askedMs >= 0);
  const seen = [listenerClosedMs, firstRefusedMs, exitMs, ...refused.map(({ askedMs }) => askedMs)];
  return Math.min(asked.grace, ...seen.filter((ms) => ms !== null));
}
