import type { Sighting } from "./sighting.js";
import type { SourceLocation } from "../../../findings/finding.js";

/**
 * Keeps of each chain what is at its end: a call that waits for something of the service's own which is
 * itself in the list is not its cause. Of the same call made several times in one line one is kept.
 */
export function keepInnermost(sightings: readonly Sighting[]): Sighting[] {
  const kept = new Map<string, Sighting>();
  for (const sighting of [...sightings].sort((one, other) => one.madeAt - other.madeAt)) {
    if (sighting.kind === "call" && sightings.some((other) => isBehind(other, sighting))) continue;
    const key = nameCallOf(sighting);
    if (!kept.has(key)) kept.set(key, sighting);
  }
  return [...kept.values()];
}

/** Whether a sighting was made on the way of the call. */
function isBehind(other: Sighting, call: Sighting): boolean {
  if (other.request !== call.request) return false;
  const line = nameLine(call.source);
  return other.callers.some((caller) => nameLine(caller) === line);
}

/** Not its column: a promise made later in the same call shows where that is awaited. */
export function nameCallOf({ request, what, source }: Sighting): string {
  return JSON.stringify([request, what, source.file, source.line]);
}

function nameLine({ file, line, column }: SourceLocation): string {
  return `${file}:${String(line)}:${String(column)}`;
}
