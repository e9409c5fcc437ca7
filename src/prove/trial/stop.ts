import { setTimeout as sleep } from "node:timers/promises";
import type { Held } from "../facts/result.js";
import type { SubjectExit, Stop } from "../facts/stop.js";
import type { Load } from "../load/start.js";
import { readDisposition } from "../machine/disposition.js";
import { now } from "../machine/now.js";
import type { Subject } from "../subject/subject.js";

export interface StopOptions {
  readonly grace: number;
  readonly lag: number;
  readonly signal: NodeJS.Signals;
  readonly secondSignal: number | null;
  readonly repeatSignal: number | null;
  /** Whether its process has the listener itself; null where that is not known, or of no interest. */
  readonly isService: boolean | null;
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
  const isAlone = subject.pid !== null && subject.listOthers().length === 0;
  // Before it is sent: a machine under load may let the service end before this process goes on.
  const signalledAt = now();
  const told = subject.tell();
  const toldAt = now();
  load.command({ type: "signalled", generation, at: signalledAt });
  const telling = { subject, load, told, signalledAt, deadline: signalledAt + options.grace };
  const end =
    subject.pid === null ? untilLetGo(telling, options.lag) : untilEnded(telling, options);
  try {
    const { signalledAgainAt, repeatedAt, ...rest } = await end;
    const { openAt: listenedAt, closedAt: unlistenedAt } = await listener.stop();
    const instants = {
      signalledAt,
      toldAt,
      signalledAgainAt,
      repeatedAt,
      listenedAt,
      unlistenedAt,
    };
    return { generation, disposition, isAlone, ...instants, ...rest };
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

type End = Pick<
  Stop,
  "signalledAgainAt" | "repeatedAt" | "exit" | "held" | "orphans" | "lastWords"
>;

async function untilEnded(
  { subject, load, told, signalledAt, deadline }: Telling,
  { secondSignal, repeatSignal, isService }: StopOptions,
): Promise<End> {
  const ended = subject.untilEnded(isService);
  const end = Promise.race([ended, failureOf(told)]);
  const again = async (after: number | null): Promise<number | null> =>
    after === null ? null : tellAgain(subject, end, signalledAt + after);
  const repeatedAt = await again(repeatSignal);
  const signalledAgainAt = await again(secondSignal);
  const tellings = { signalledAgainAt, repeatedAt };
  const exit = await within(end, deadline);
  if (exit !== undefined) {
    // A command that made it stop may still have to say that it failed.
    await within(told, deadline);
    const orphans = await subject.findOrphans();
    return { ...tellings, exit, held: null, orphans, lastWords: await subject.lastWords() };
  }
  const held = await findHolders(subject, load);
  const isKilled = await subject.kill();
  const left = { exit: isKilled ? await ended : null, held };
  return { ...tellings, ...left, orphans: null, lastWords: await subject.lastWords() };
}

/** Without a process to watch the stop is over when its last connection has gone, after the lag. */
async function untilLetGo(telling: Telling, lag: number): Promise<End> {
  const { subject, load, told, signalledAt, deadline } = telling;
  await within(told, deadline);
  const isHeld = async (): Promise<boolean> =>
    now() < signalledAt + lag || (await load.holders(subject.generation)).length > 0;
  while (now() < deadline && (await isHeld())) await pause(LOOK_MS);
  return {
    signalledAgainAt: null,
    repeatedAt: null,
    exit: null,
    held: null,
    orphans: null,
    lastWords: null,
  };
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
