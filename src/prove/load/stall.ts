import { now } from "../now.js";

const BEAT_MS = 25;

/**
 * Notices when this process does not get to run: a client that is held up sends on connections the
 * service has long closed, and would blame it for that.
 */
export function watchStalls(): { readonly longestMs: number } {
  const stall = { longestMs: 0 };
  let last = now();
  setInterval(() => {
    const beat = now();
    stall.longestMs = Math.max(stall.longestMs, beat - last - BEAT_MS);
    last = beat;
  }, BEAT_MS).unref();
  return stall;
}
