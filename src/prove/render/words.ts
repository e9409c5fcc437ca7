import { formatDuration } from "../duration.js";
import type { Evidence, SourceLocation } from "../findings/finding.js";
import type { Criterion } from "../result.js";

/** `dropped requests == 0`. */
export function nameCriterion({ name, expected }: Criterion): string {
  return `${name} ${expected}`.trimEnd();
}

/** `src/server.ts:42:7 in stop`. */
export function describeSource({ file, line, column, in: within }: SourceLocation): string {
  const place = `${file}:${String(line)}:${String(column)}`;
  return within === null ? place : `${place} in ${within}`;
}

/** `+12 ms`, counted from the signal. */
export function describeInstant(ms: number): string {
  return ms < 0 ? `−${formatDuration(-ms)}` : `+${formatDuration(ms)}`;
}

/** One line: when, what and where. */
export function describeEvidence({ what, atMs, source }: Evidence): string {
  const instant = atMs === null ? "" : `${describeInstant(atMs)}  `;
  const place = source === null ? "" : ` (${describeSource(source)})`;
  return `${instant}${what}${place}`;
}
