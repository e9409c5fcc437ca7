import { nameCallOf } from "./innermost.js";
import type { Sighting } from "./sighting.js";

/**
 * Keeps what lives; of calls into packages only where what they returned does. A call makes that first, and
 * by the same way each time. What else it makes may be pending for as long as a pool's connection lasts, and
 * is no caller's.
 */
export function keepReturned(sightings: readonly Sighting[]): Sighting[] {
  const firsts = new Map<string, Sighting>();
  for (const sighting of [...sightings].sort((one, other) => one.madeAt - other.madeAt)) {
    const key = nameCallOf(sighting);
    if (sighting.kind === "call" && !firsts.has(key)) firsts.set(key, sighting);
  }
  return sightings.filter((sighting) => {
    if (sighting.isOver) return false;
    const first = sighting.kind === "call" ? firsts.get(nameCallOf(sighting)) : undefined;
    return first === undefined || !first.isOver || first.way === sighting.way;
  });
}
