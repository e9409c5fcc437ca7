import { formatCount } from "../facts/count.js";
import { formatDuration } from "../facts/duration.js";
import type { Noise } from "../facts/result.js";

// Late through most of the stop, the load is not the one that was asked for.
const MAX_HELD_UP = 0.5;
// Many short waits make a slow client, which is a client too; next to no CPU at all does not.
const MAX_CPU_WAIT = 0.9;
// A short stop must not be given up for one pause.
const LEAST_WINDOW_MS = 1_000;
// Requests begun later than a rightly lingering service waits.
const MAX_LATE_MS = 500;

/** Says, with the figures, why the machine was too busy to judge the service. Empty when it was not. */
export function findNoise(noise: Noise): string[] {
  const { cpuWaitShare, heldUpMs, lateP99Ms } = noise;
  const span = Math.max(noise.windowMs, LEAST_WINDOW_MS);
  const waited = ((cpuWaitShare ?? 0) * noise.windowMs) / span;
  const isTooNoisy =
    waited > MAX_CPU_WAIT || heldUpMs / span > MAX_HELD_UP || (lateP99Ms ?? 0) > MAX_LATE_MS;
  if (!isTooNoisy) return [];
  const next = "try fewer --clients, a lower --rate, or a machine with less to do";
  return [`too noisy to judge: ${describeNoise(noise)} (${next})`];
}

/** The figures in words. */
function describeNoise(noise: Noise): string {
  const { windowMs, cpuWaitShare, cpuPressureShare, heldUpMs, loopLagP99Ms, loopLagMaxMs } = noise;
  const { lateP99Ms, portsUsed, portsInRange } = noise;
  const span = formatDuration(windowMs);
  const known = (share: number | null, what: string): string[] =>
    share === null ? [] : [`${what} ${String(Math.round(share * 100))} %`];
  return [
    `in ${span} the load process was held up for ${formatDuration(heldUpMs)}`,
    ...known(cpuWaitShare, "waited for a CPU"),
    ...known(cpuPressureShare, "CPU pressure of the machine"),
    `event loop late by ${formatDuration(loopLagP99Ms)} (p99), ${formatDuration(loopLagMaxMs)} at most`,
    ...(lateP99Ms === null ? [] : [`requests begun ${formatDuration(lateP99Ms)} late (p99)`]),
    ...(portsUsed === null
      ? []
      : [`${formatCount(portsUsed)} of ${formatCount(portsInRange ?? 0)} local ports in use`]),
  ].join(", ");
}
