import { formatDuration } from "../../facts/duration.js";
import type { ProveResult, ReportedDrain, StopResult } from "../../facts/result.js";
import { lastLines } from "../../subject/output.js";
import type { Paint } from "../../../findings/paint.js";
import { wrap } from "../../../findings/wrap.js";

const SHOWN = 10;

/** What the service itself has to say of the stop that went worst; empty for a run that passed. */
export function renderOutput(
  { verdict, trials }: ProveResult,
  paint: Paint,
  width: number | undefined,
): string {
  if (verdict !== "fail") return "";
  const stops = trials.flatMap((trial) => trial.stops);
  const [worst] = [...stops].sort((a, b) => b.exposed.lost - a.exposed.lost);
  if (worst === undefined) return "";
  return [...worst.reports.map(describeReport), ...quote(worst, paint)]
    .map((line) => wrap(line, width, 4))
    .join("\n");
}

function describeReport(report: ReportedDrain): string {
  const { service, outcome, durationMs, inFlight, letGo, unfinished } = report;
  const released = letGo === 0 ? "" : `${String(letGo)} let go, `;
  const counts = `${String(inFlight)} in flight at its start, ${released}${String(unfinished)} unfinished`;
  return `drain report of ${service}: ${outcome} after ${formatDuration(durationMs)}, ${counts}`;
}

function quote({ output }: StopResult, paint: Paint): string[] {
  if (output.length === 0) return [];
  const lines = lastLines(output, SHOWN).map((line) => paint.faint(`  ${printable(line)}`));
  return ["the service's last output (--output FILE has all of it):", ...lines];
}

/** A service's own escapes would reach the reader's terminal. */
export function printable(line: string): string {
  // eslint-disable-next-line no-control-regex
  return line.replaceAll(/\u001B\[[\d;]*[A-Za-z]/g, "").replaceAll(/[\u0000-\u001F\u007F]/g, "·");
}
