import { setTimeout as sleep } from "node:timers/promises";
import { findHolds, hasFiles, hasListener, isHeld, type Hold, type Place } from "./listening.js";
import { now } from "./now.js";

const LOOK_MS = 10;
// For processes that may not be looked into there is only the kernel's table, which it writes as a
// whole at each look, 6 ms for 5,000 sockets in TIME_WAIT: the pause grows with that, or looking
// would take a part of the machine that is being measured.
const TABLE_LOOK_MS = 25;
const PAUSE_PER_LOOK = 20;

/** Watches one listener from outside. */
export interface ListenerWatch {
  /** Ends the watch. */
  stop(): Promise<ListenerSeen>;
}

/** What was seen of a listener. Instants are `now()`. */
interface ListenerSeen {
  /** When it was last seen open; null when it never was. */
  readonly openAt: number | null;
  /** When it was first seen closed; null when it was not. */
  readonly closedAt: number | null;
}

const NOT_SEEN: ListenerSeen = { openAt: null, closedAt: null };

/**
 * Notices when a listener closes without connecting to it: once the balancer has let go no client
 * would see it, and a connection made only to look would look like traffic to the service. Looks at
 * what the listening processes have open, so only Linux can tell, to about 10 ms; less precisely for
 * processes of another user. The named processes are looked at first: there may be many others.
 */
export function watchListener(place: Place, pids: readonly number[] = []): ListenerWatch {
  let isWanted = true;
  const seen = watch({ place, pids }, () => isWanted);
  return {
    stop: () => {
      isWanted = false;
      return seen;
    },
  };
}

/** What cannot be watched, such as a listener on another machine. */
export const UNWATCHED: ListenerWatch = { stop: () => Promise.resolve(NOT_SEEN) };

interface Watched {
  readonly place: Place;
  readonly pids: readonly number[];
}

async function watch({ place, pids }: Watched, isWanted: () => boolean): Promise<ListenerSeen> {
  const openAt = now();
  if (process.platform !== "linux" || !(await hasListener(place))) return NOT_SEEN;
  const holds = await findHolds(place, pids);
  if (holds.length > 0) return watchHolds({ place, holds, openAt }, isWanted);
  return watchTable(place, openAt, isWanted);
}

interface Held {
  readonly place: Place;
  holds: readonly Hold[];
  /** When it was last seen open. */
  openAt: number;
}

async function watchHolds(held: Held, isWanted: () => boolean): Promise<ListenerSeen> {
  while (isWanted()) {
    await pause(LOOK_MS);
    const at = now();
    const kept = await keep(held.holds, isHeld);
    const living = kept.length > 0 ? kept : await keep(held.holds, ({ pid }) => hasFiles(pid));
    // Another process may have it since, as after a handover.
    held.holds = kept.length > 0 ? kept : await findHolds(held.place);
    if (held.holds.length > 0) held.openAt = at;
    // Closed by its end, it was not closed before it.
    else return { openAt: held.openAt, closedAt: living.length > 0 || isWanted() ? at : null };
  }
  return { openAt: held.openAt, closedAt: null };
}

async function watchTable(
  place: Place,
  since: number,
  isWanted: () => boolean,
): Promise<ListenerSeen> {
  let openAt = since;
  let cost = 0;
  while (isWanted()) {
    await pause(Math.max(TABLE_LOOK_MS, cost * PAUSE_PER_LOOK));
    const at = now();
    if (!(await hasListener(place))) return { openAt, closedAt: at };
    openAt = at;
    cost = now() - at;
  }
  return { openAt, closedAt: null };
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
