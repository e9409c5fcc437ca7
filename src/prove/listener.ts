import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { now } from "./now.js";

const LOOK_MS = 25;
// The kernel writes the whole table at each look, 6 ms for 5,000 sockets in TIME_WAIT: the pause
// grows with that, or looking would take a part of the machine that is being measured.
const PAUSE_PER_LOOK = 20;
const LISTEN = "0A";

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

async function watch(port: number, isWanted: () => boolean): Promise<number | null> {
  if (process.platform !== "linux" || !(await hasListener(port))) return null;
  let cost = 0;
  while (isWanted()) {
    await sleep(Math.max(LOOK_MS, cost * PAUSE_PER_LOOK));
    const at = now();
    if (!(await hasListener(port))) return at;
    cost = now() - at;
  }
  return null;
}

async function hasListener(port: number): Promise<boolean> {
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map(readTable));
  return tables.some((table) => isListed(table, port));
}

/** proc(5): `sl local_address rem_address st …`, the port in hexadecimal after the last colon. */
function isListed(table: string, port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return new RegExp(`:${hex} [0-9A-F]+:0000 ${LISTEN} `).test(table);
}

/** A machine without IPv6 has no second table. */
async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
