/**
 * Monotonic time in milliseconds, fractions included. The origin is the machine's, not the
 * process's, so instants taken in the prover and in its load process can be subtracted
 * (performance.now() counts from the start of its own process).
 */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
