import { nextCheckPhase, now } from "../clock.js";

/** What counts the connections that a listener hands over. */
export interface Acceptor {
  readonly accepted: number;
  stopAccepting(): void;
}

/** A queue that never runs dry may delay the close of the listeners this long, and no longer. */
const LONGEST_ACCEPT = 1_000;

/** libuv takes one connection per turn of the loop (libuv#3696); two empty turns can be chance. */
const QUIET_TURNS = 3;

/**
 * Lets the kernel's accept queues run empty and closes all listeners in the very turn that found
 * them so: closing a listener resets every connection that still waits in its queue. Where
 * connections keep arriving, closes after {@link LONGEST_ACCEPT}, at `end` where that is earlier, or
 * at `cutoff`. Resolves to how many were accepted meanwhile.
 */
export async function stopAccepting(
  acceptors: readonly Acceptor[],
  end: number,
  cutoff: AbortSignal,
): Promise<number> {
  const latest = Math.min(now() + LONGEST_ACCEPT, end);
  const count = (): number => acceptors.reduce((sum, each) => sum + each.accepted, 0);
  const before = count();
  let last = before;
  let quiet = 0;
  do {
    await nextCheckPhase();
    const accepted = count();
    quiet = accepted === last ? quiet + 1 : 0;
    last = accepted;
  } while (quiet < QUIET_TURNS && now() < latest && !cutoff.aborted);
  for (const each of acceptors) each.stopAccepting();
  return last - before;
}
