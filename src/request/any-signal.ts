import { wrongArgument } from "../errors.js";
import { fenceOfProcess } from "../fence.js";
import { shared } from "../shared.js";

/** A signal that follows others until it is cleared. Made by {@link anySignal} and {@link withTimeout}. */
export interface ClearableSignal extends AbortSignal, Disposable {
  /**
   * Follows nothing any more, and never aborts from here on. Idempotent. `using` does the same at the end
   * of a scope.
   */
  clear(): void;
}

/** One that follows. */
interface Follower {
  abort(reason: unknown): void;
  /** The request is over that its signal belongs to. */
  release(): void;
}

interface Followed {
  readonly followers: Set<Follower>;
  readonly tell: () => void;
}

const followed = shared("followed", () => new WeakMap<AbortSignal, Followed>());

/**
 * A signal that aborts with the first of `signals`, and with its reason: as `AbortSignal.any`, which
 * retains a composite for as long as any of its sources lives (nodejs/node#54614). This one lets go when it
 * aborts, when it is cleared, and when the request is over whose {@link requestSignal} is among the
 * sources: its response finished, and what was given to `waitUntil` for it settled.
 *
 * @param signals what to follow; undefined ones are left out.
 * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for something that is no signal.
 */
export function anySignal(signals: Iterable<AbortSignal | null | undefined>): ClearableSignal {
  const sources = [...signals].filter((signal) => signal !== undefined && signal !== null);
  for (const signal of sources) checkSignal(signal);
  return compose(sources, () => {});
}

/** @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for something that is no signal. */
export function checkSignal(signal: unknown): asserts signal is AbortSignal {
  // By shape: one of another realm, such as a test runner's, is no instance of ours.
  const { aborted, addEventListener } = (signal ?? {}) as Record<string, unknown>;
  if (typeof aborted !== "boolean" || typeof addEventListener !== "function") {
    throw wrongArgument("signal", "an AbortSignal", signal);
  }
}

/**
 * Makes a signal that follows `sources`; `begin` may have a reason of its own to abort it, and returns
 * what takes that back.
 */
export function compose(
  sources: readonly AbortSignal[],
  begin: (abort: (reason: unknown) => void) => (() => void) | void,
): ClearableSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const clear = (): void => {
    for (const source of sources) unfollow(source, follower);
    end?.();
  };
  const follower: Follower = {
    abort(reason) {
      clear();
      controller.abort(reason);
    },
    release() {
      clear();
      releaseFollowers(signal);
    },
  };
  const aborted = sources.find((source) => source.aborted);
  let end: (() => void) | void;
  if (aborted !== undefined) controller.abort(aborted.reason);
  else {
    for (const source of sources) follow(source, follower);
    end = begin((reason) => follower.abort(reason));
  }
  return Object.assign(signal, { clear, [Symbol.dispose]: clear });
}

/** One listener per source, however many follow it: they come and go at the cost of a set's. */
function follow(source: AbortSignal, follower: Follower): void {
  const known = followed.get(source);
  if (known !== undefined) {
    known.followers.add(follower);
    return;
  }
  const followers = new Set([follower]);
  const tell = (): void => {
    for (const each of [...followers]) each.abort(source.reason);
  };
  followed.set(source, { followers, tell });
  source.addEventListener("abort", tell, { once: true });
}

function unfollow(source: AbortSignal, follower: Follower): void {
  const known = followed.get(source);
  if (known === undefined) return;
  known.followers.delete(follower);
  if (known.followers.size > 0) return;
  // Node keeps some signals alive for as long as they have a listener.
  const unlisten = (): void => source.removeEventListener("abort", known.tell);
  fenceOfProcess.ask("signal of the application", unlisten, undefined);
  followed.delete(source);
}

/** The signal is never going to abort: what follows it belongs to something that is over. */
export function releaseFollowers(source: AbortSignal): void {
  for (const each of [...(followed.get(source)?.followers ?? [])]) each.release();
}
