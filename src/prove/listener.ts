import { setTimeout as sleep } from "node:timers/promises";
import { hasListener } from "./listening.js";
import { now } from "./now.js";

const LOOK_MS = 25;
// The kernel writes the whole table at each look, 6 ms for 5,000 sockets in TIME_WAIT: the pause
// grows with that, or looking would take a part of the machine that is being measured.
const PAUSE_PER_LOOK = 20;

/** Watches one port's listener from outside. */
export interface ListenerWatch {
  /** Ends the watch. Resolves with when the listener was first seen closed, or null if it was not. */
  stop(): Promise<number | null>;
}

/**
 * Notices when a listener closes without connecting to it: once the balancer has let go no client
 * would see it, and a connection made only to look would look like traffic to the service. Reads
 * the kernel's socket table, so only Linux can tell, to about 25 ms, less
 * precisely on a machine with many sockets.
 */
export function watchListener(port: number): ListenerWatch {
  let isWanted = true;
  const closedAt = watch(port, () => isWanted);
  return {
    stop: () => {
      isWanted = false;
      return closedAt;
    },
  };
}

/** What cannot be watched, such as a listener on another machine. */
export const UNWATCHED: ListenerWatch = { stop: () => Promise.resolve(null) };

async function watch(port: number, isWanted: () => boolean): Promise<number | null> {
  if (process.platform !== "linux" || !(await hasListener(port))) return null;
  let cost = 0;
  while (isWanted()) {
    await sleep(Math.max(LOOK_MS, cost * PAUSE_PER_LOOK), undefined, { ref: false });
    const at = now();
    if (!(await hasListener(port))) return at;
    cost = now() - at;
  }
  return null;
}
