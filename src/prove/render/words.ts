// render/: a result in every form that people and programs read. Nothing is decided here.
import { formatDuration } from "../facts/duration.js";
import type { Evidence } from "../facts/finding.js";
import type { Criterion } from "../facts/result.js";
import { describeSource } from "../../findings/source.js";

/** `dropped requests == 0`. */
export function nameCriterion({ name, expected }: Criterion): string {
  return `${name} ${expected}`.trimEnd();
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
