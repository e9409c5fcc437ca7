import { setTimeout as sleep } from "node:timers/promises";
import { isListening } from "./answer.js";
import { listGroup, type ProcessInfo } from "./group.js";
import { watchListener } from "./listener.js";
import type { Load } from "./load/start.js";
import { now } from "./now.js";
import type { Held, Orphans } from "./result.js";
import type { Service, ServiceExit } from "./service.js";

/** One signal and the end it led to. Instants are `now()`. */
export interface Stop {
  readonly generation: number;
  readonly signalledAt: number;
  /** When the signal was sent again; null when it was not, or not any more. */
  readonly signalledAgainAt: number | null;
  /** When its listener was seen closed; null when that was not seen. */
  readonly unlistenedAt: number | null;
  readonly exit: ServiceExit;
  readonly killed: Held | null;
  readonly orphans: Orphans | null;
}

export interface StopOptions {
  readonly signal: NodeJS.Signals;
  readonly grace: number;
  readonly secondSignal: number | null;
}

// A parent may rightly leave a moment before its children have gone.
const ORPHAN_MS = 500;
const ORPHAN_LOOK_MS = 20;

/** Signals the service and waits for its end, by itself or at the end of the grace period. */
export async function stopService(
  service: Service,
  load: Load,
  { signal, grace, secondSignal }: StopOptions,
): Promise<Stop> {
  const { generation } = service;
  const started = { pid: service.pid, command: service.command.join(" ") };
  const listener = watchListener(service.port);
  const signalledAt = now();
  service.signal(signal);
  load.command({ type: "signalled", generation, at: signalledAt });
  const signalledAgainAt =
    secondSignal === null ? null : await signalAgain(service, signal, signalledAt + secondSignal);
  const instants = { signalledAt, signalledAgainAt };
  const exit = await within(service.exit, signalledAt + grace);
  if (exit === undefined) {
    const unlistenedAt = await listener.stop();
    const killed = await findHolders(service, load);
    await service.kill();
    const end = { exit: await service.exit, killed, orphans: null };
    return { generation, ...instants, unlistenedAt, ...end };
  }
  const unlistenedAt = await listener.stop();
  const orphans = await findOrphans(started, service.port);
  return { generation, ...instants, unlistenedAt, exit, killed: null, orphans };
}

/** Returns when the signal was sent again, or null when the service had gone by then. */
async function signalAgain(
  service: Service,
  signal: NodeJS.Signals,
  due: number,
): Promise<number | null> {
  if ((await within(service.exit, due)) !== undefined) return null;
  const at = now();
  service.signal(signal);
  return at;
}

async function within<T>(promise: Promise<T>, deadline: number): Promise<T | undefined> {
  const timer = new AbortController();
  const over = sleep(Math.max(0, deadline - now()), undefined, { signal: timer.signal });
  over.catch(() => {});
  const first = await Promise.race([promise, over]);
  timer.abort();
  return first ?? undefined;
}

async function findHolders(service: Service, load: Load): Promise<Held> {
  const connections = await load.holders(service.generation);
  const processes = listGroup(service.pid).filter(({ pid }) => pid !== service.pid);
  return { connections, processes };
}

/**
 * Finds what the started process left behind. A wrapper such as `sh -c "node server.js"` ends at
 * the signal and passes nothing on: the server never learns that it should stop.
 */
async function findOrphans(started: ProcessInfo, port: number): Promise<Orphans | null> {
  const patience = now() + ORPHAN_MS;
  for (;;) {
    const left = listGroup(started.pid);
    const isServing = await isListening(port);
    if (left.length === 0 && !isServing) return null;
    if (now() > patience) return { started, left, isServing };
    await sleep(ORPHAN_LOOK_MS);
  }
}
