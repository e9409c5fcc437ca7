import type { Fault } from "./rule.js";

/** What stands in defaults is seen by every backend, and is one fault. */
export function once(faults: readonly Fault[]): Fault[] {
  const seen = new Map(faults.map((fault) => [`${fault.spot.file}:${fault.spot.start}`, fault]));
  return [...seen.values()];
}
