import { nextCheckPhase, now } from "../../clock.js";
import type { Fence } from "../../fence.js";

/** What counts the connections that a listener hands over. */
export interface Acceptor {
  readonly accepted: number;
  stopAccepting(): void;
}

/** Where connections keep arriving, how long new ones are waited for, in ms. */
const LONGEST_ACCEPT = 1_000;

/** After this many, all that waited at first are accepted: Node's default backlog. */
const BACKLOG = 511;

/** libuv takes one connection per turn of the loop (libuv#3696); two empty turns can be chance. */
const QUIET_TURNS = 3;

/**
 * Lets the kernel's accept queues run empty and closes all listeners in the very turn that found
 * them so: closing a listener resets every connection that still waits in its queue. Resolves to how
 * many were accepted meanwhile.
 *
 * Where connections keep arriving, closes after {@link LONGEST_ACCEPT}, but not before those are in
 * that waited already: a process that is short of CPU takes its time for each. In any case closes
 * half-way to `end`, so that the last to come can still be answered, and at `cutoff`.
 */
export async function stopAccepting(
  acceptors: readonly Acceptor[],
  end: number,
  cutoff: AbortSignal,
  fence: Fence,
): Promise<number> {
  const start = now();
  const latest = start + (end - start) / 2;
  const count = (): number => acceptors.reduce((sum, each) => sum + each.accepted, 0);
  const before = count();
  const isEnough = (): boolean => {
    const instant = now();
    if (instant >= latest || cutoff.aborted) return true;
    return instant >= start + LONGEST_ACCEPT && last - before >= BACKLOG;
  };
  let last = before;
  let quiet = 0;
  do {
    await nextCheckPhase();
    const accepted = count();
    quiet = accepted === last ? quiet + 1 : 0;
    last = accepted;
  } while (quiet < QUIET_TURNS && !isEnough());
  for (const each of acceptors) fence.attempt("close a listener", () => each.stopAccepting());
  return last - before;
}
