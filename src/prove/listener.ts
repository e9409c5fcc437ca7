import { setTimeout as sleep } from "node:timers/promises";
import { findHolds, hasFiles, hasListener, isHeld, type Hold } from "./listening.js";
import { now } from "./now.js";

const LOOK_MS = 10;
// For processes that may not be looked into there is only the kernel's table, which it writes as a
// whole at each look, 6 ms for 5,000 sockets in TIME_WAIT: the pause grows with that, or looking
// would take a part of the machine that is being measured.
const TABLE_LOOK_MS = 25;
const PAUSE_PER_LOOK = 20;

/** Watches one port's listener from outside. */
export interface ListenerWatch {
  /** Ends the watch. Resolves with when the listener was first seen closed, or null if it was not. */
  stop(): Promise<number | null>;
}

/**
 * Notices when a listener closes without connecting to it: once the balancer has let go no client
 * would see it, and a connection made only to look would look like traffic to the service. Looks at
 * what the listening processes have open, so only Linux can tell, to about 10 ms; less precisely for
 * processes of another user.
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
  const holds = await findHolds(port);
  return holds.length > 0 ? watchHolds(port, holds, isWanted) : watchTable(port, isWanted);
}

async function watchHolds(
  port: number,
  first: readonly Hold[],
  isWanted: () => boolean,
): Promise<number | null> {
  let holds = first;
  while (isWanted()) {
    await pause(LOOK_MS);
    const at = now();
    const kept = await keep(holds, isHeld);
    if (kept.length > 0) {
      holds = kept;
      continue;
    }
    const living = await keep(holds, ({ pid }) => hasFiles(pid));
    // Another process may have it since, as after a handover.
    holds = await findHolds(port);
    if (holds.length > 0) continue;
    // Closed by its end, it was not closed before it.
    return living.length > 0 || isWanted() ? at : null;
  }
  return null;
}

async function watchTable(port: number, isWanted: () => boolean): Promise<number | null> {
  let cost = 0;
  while (isWanted()) {
    await pause(Math.max(TABLE_LOOK_MS, cost * PAUSE_PER_LOOK));
    const at = now();
    if (!(await hasListener(port))) return at;
    cost = now() - at;
  }
  return null;
}

async function keep(
  holds: readonly Hold[],
  isKept: (hold: Hold) => Promise<boolean>,
): Promise<readonly Hold[]> {
  const kept = await Promise.all(holds.map(isKept));
  return holds.filter((_, at) => kept[at]);
}

function pause(ms: number): Promise<void> {
  return sleep(ms, undefined, { ref: false });
}
