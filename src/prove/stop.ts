import { setTimeout as sleep } from "node:timers/promises";
import { readDisposition, type Disposition } from "./disposition.js";
import type { Load } from "./load/start.js";
import { now } from "./now.js";
import type { Held, Orphans } from "./result.js";
import type { Subject, SubjectExit } from "./subject/subject.js";

/** One signal and the end it led to. Instants are `now()`. */
export interface Stop {
  readonly generation: number;
  /** When it was told to stop. */
  readonly signalledAt: number;
  /** When the signal was sent again; null when it was not, or not any more. */
  readonly signalledAgainAt: number | null;
  /** When its listener was last seen open; null when that was not seen. */
  readonly listenedAt: number | null;
  /** When its listener was seen closed; null when that was not seen. */
  readonly unlistenedAt: number | null;
  /** Null when its end was not seen: it went on running, or there was no process to watch. */
  readonly exit: SubjectExit | null;
  /** Who held its process at the end of the grace period; null when it had ended, or for none. */
  readonly held: Held | null;
  readonly orphans: Orphans | null;
  /** The line that its output ends in the middle of; null when it is whole, or not known. */
  readonly tornLine: string | null;
  /** What its process was about to do with the signal; null where that cannot be seen. */
  readonly disposition: Disposition | null;
}

export interface StopOptions {
  readonly grace: number;
  readonly lag: number;
  readonly signal: NodeJS.Signals;
  readonly secondSignal: number | null;
}

const LOOK_MS = 100;

/** Tells the service to stop and waits for its end, by itself or at the end of the grace period. */
export async function stopSubject(
  subject: Subject,
  load: Load,
  options: StopOptions,
): Promise<Stop> {
  const { generation } = subject;
  const listener = subject.watchListener();
  const disposition = readDisposition(subject.pid, options.signal);
  // Before it is sent: a machine under load may let the service end before this process goes on.
  const signalledAt = now();
  const told = subject.tell();
  load.command({ type: "signalled", generation, at: signalledAt });
  const telling = { subject, load, told, signalledAt, deadline: signalledAt + options.grace };
  const end =
    subject.pid === null ? untilLetGo(telling, options.lag) : untilEnded(telling, options);
  try {
    const { signalledAgainAt, ...rest } = await end;
    const { openAt: listenedAt, closedAt: unlistenedAt } = await listener.stop();
    const instants = { signalledAt, signalledAgainAt, listenedAt, unlistenedAt };
    return { generation, disposition, ...instants, ...rest };
  } finally {
    void listener.stop();
  }
}

interface Telling {
  readonly subject: Subject;
  readonly load: Load;
  readonly told: Promise<void>;
  readonly signalledAt: number;
  /** The end of the grace period. */
  readonly deadline: number;
}

type End = Pick<Stop, "signalledAgainAt" | "exit" | "held" | "orphans" | "tornLine">;

async function untilEnded(
  { subject, load, told, signalledAt, deadline }: Telling,
  { secondSignal }: StopOptions,
): Promise<End> {
  const end = Promise.race([subject.exit, failureOf(told)]);
  const signalledAgainAt =
    secondSignal === null ? null : await tellAgain(subject, end, signalledAt + secondSignal);
  const exit = await within(end, deadline);
  if (exit !== undefined) {
    // A command that made it stop may still have to say that it failed.
    await within(told, deadline);
    const orphans = await subject.findOrphans();
    return { signalledAgainAt, exit, held: null, orphans, tornLine: await subject.tornLine() };
  }
  const held = await findHolders(subject, load);
  const isKilled = await subject.kill();
  const left = { exit: isKilled ? await subject.exit : null, held };
  return { signalledAgainAt, ...left, orphans: null, tornLine: null };
}

/** Without a process to watch the stop is over when its last connection has gone, after the lag. */
async function untilLetGo(telling: Telling, lag: number): Promise<End> {
  const { subject, load, told, signalledAt, deadline } = telling;
  await within(told, deadline);
  const isHeld = async (): Promise<boolean> =>
    now() < signalledAt + lag || (await load.holders(subject.generation)).length > 0;
  while (now() < deadline && (await isHeld())) await pause(LOOK_MS);
  return { signalledAgainAt: null, exit: null, held: null, orphans: null, tornLine: null };
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
  const over = pause(Math.max(0, deadline - now()), timer.signal);
  over.catch(() => {});
  try {
    return (await Promise.race([promise, over])) ?? undefined;
  } finally {
    timer.abort();
  }
}

/** Waits without keeping an interrupted prover alive for it. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) });
}

async function findHolders(subject: Subject, load: Load): Promise<Held> {
  const connections = await load.holders(subject.generation);
  return {
    connections,
    processes: subject.listOthers(),
    hasListener: await subject.hasListener(),
  };
}
