import { setTimeout as sleep } from "node:timers/promises";
import type { Load } from "./load/start.js";
import { now } from "./now.js";
import type { Held, Orphans } from "./result.js";
import type { Subject, SubjectExit } from "./subject/subject.js";

/** One signal and the end it led to. Instants are `now()`. */
export interface Stop {
  readonly generation: number;
  readonly signalledAt: number;
  /** When the signal was sent again; null when it was not, or not any more. */
  readonly signalledAgainAt: number | null;
  /** When its listener was seen closed; null when that was not seen. */
  readonly unlistenedAt: number | null;
  /** Null when its end was not seen: it went on running, or there was no process to watch. */
  readonly exit: SubjectExit | null;
  /** Who held it at the end of the grace period; null when it had ended before. */
  readonly held: Held | null;
  readonly orphans: Orphans | null;
}

export interface StopOptions {
  readonly grace: number;
  readonly secondSignal: number | null;
}

/** Tells the service to stop and waits for its end, by itself or at the end of the grace period. */
export async function stopSubject(
  subject: Subject,
  load: Load,
  { grace, secondSignal }: StopOptions,
): Promise<Stop> {
  const { generation } = subject;
  const listener = subject.watchListener();
  const signalledAt = now();
  const refused = failureOf(subject.tell());
  load.command({ type: "signalled", generation, at: signalledAt });
  const end = Promise.race([subject.exit, refused]);
  const signalledAgainAt =
    secondSignal === null ? null : await tellAgain(subject, end, signalledAt + secondSignal);
  const seen = await within(end, signalledAt + grace);
  const unlistenedAt = await listener.stop();
  const instants = { generation, signalledAt, signalledAgainAt, unlistenedAt };
  if (seen !== undefined) {
    return { ...instants, exit: seen, held: null, orphans: await subject.findOrphans() };
  }
  const held = await findHolders(subject, load);
  const isKilled = await subject.kill();
  return { ...instants, exit: isKilled ? await subject.exit : null, held, orphans: null };
}

/** Rejects when the promise does, and never resolves. */
function failureOf(promise: Promise<void>): Promise<never> {
  return new Promise((_resolve, reject) => {
    promise.catch(reject);
  });
}

/** Returns when it was told again, or null when the service had gone by then. */
async function tellAgain(
  subject: Subject,
  end: Promise<SubjectExit>,
  due: number,
): Promise<number | null> {
  if ((await within(end, due)) !== undefined) return null;
  const at = now();
  await subject.tell();
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

async function findHolders(subject: Subject, load: Load): Promise<Held> {
  const connections = await load.holders(subject.generation);
  return { connections, processes: subject.listOthers() };
}
