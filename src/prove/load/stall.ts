import { now } from "../now.js";
import type { Stall } from "./protocol.js";

const BEAT_MS = 25;
// A client held up for longer than a service may rightly linger is no judge of it.
const MIN_STALL_MS = 500;

/**
 * Notices when this process does not get to run: a client that is held up sends on connections the
 * service has long closed, and would blame it for that. The list grows while the process lives.
 */
export function watchStalls(): readonly Stall[] {
  const stalls: Stall[] = [];
  let last = now();
  setInterval(() => {
    const beat = now();
    if (beat - last > MIN_STALL_MS) stalls.push({ from: last, to: beat });
    last = beat;
  }, BEAT_MS).unref();
  return stalls;
}
