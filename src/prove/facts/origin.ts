import type { Stop } from "./stop.js";

/** The instant from which a generation's times count, in `now()` milliseconds. */
export type Origin = (generation: number) => number;

/** Counts from the signal that the generation got, or else from the last one. */
export function originOf(stops: readonly Stop[]): Origin {
  const signals = new Map(stops.map(({ generation, signalledAt }) => [generation, signalledAt]));
  const last = stops.at(-1)?.signalledAt ?? 0;
  return (generation) => signals.get(generation) ?? last;
}
