import type { Sighting } from "./sighting.js";

/**
 * Keeps what lives; of calls into packages only where what they returned does. A call makes that first, and
 * by the same way each time. What else it makes may be pending for as long as a pool's connection lasts, and
 * is nobody's who called.
 */
export function keepReturned(sightings: readonly Sighting[]): Sighting[] {
  const firsts = new Map<string, Sighting>();
  for (const sighting of [...sightings].sort((one, other) => one.madeAt - other.madeAt)) {
    const key = keyOf(sighting);
    if (sighting.kind === "call" && !firsts.has(key)) firsts.set(key, sighting);
  }
  return sightings.filter((sighting) => {
    if (sighting.isOver) return false;
    const first = sighting.kind === "call" ? firsts.get(keyOf(sighting)) : undefined;
    return first === undefined || !first.isOver || first.way === sighting.way;
  });
}

/** Not its column: a promise made later in the same call shows where that is awaited. */
function keyOf({ request, what, source }: Sighting): string {
  return JSON.stringify([request, what, source.file, source.line]);
}
