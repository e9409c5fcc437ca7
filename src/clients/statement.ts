import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import { LastcallError } from "../errors.js";
import { currentSignal } from "../request/current.js";

/** Between two requests to end the same statement. The first one is almost always enough. */
const PAUSE_MS = 25;

/** What every call that can be cancelled takes. */
export interface SignalOptions {
  /**
   * Cancels the call, on the server's side too; null for no signal. Default: `currentSignal()`, which
   * is the request's for a service with the option `currentSignal`, and otherwise none.
   */
  signal?: AbortSignal | null | undefined;
}

/** The signal of a call: its own, or the current one, which must not keep a transaction from being undone. */
export function signalOf(options: SignalOptions = {}, sql = ""): AbortSignal | undefined {
  if (options.signal !== undefined) return options.signal ?? undefined;
  return /^\s*(rollback|abort)\b/i.test(sql) ? undefined : currentSignal();
}

/** Options of every `cancellable`. */
export interface CancellableOptions {
  /**
   * Milliseconds that the server has to confirm a cancellation; then the connection is given up and
   * the call rejects with `ERR_LASTCALL_NOT_CANCELLED`. It takes a few as a rule; MariaDB may take 2 s
   * for a statement that ends its wait at that very moment. Default: 3000.
   */
  timeout?: number;
}

/** One statement on a connection that nothing else uses meanwhile. */
export interface Statement<T> {
  /** Sends it; resolves to its answer. */
  run(): Promise<T>;
  /** Tells the server to end it; resolves when that can hit no later statement any more. */
  cancel(): Promise<void>;
  /** Whether an answer says that the server ended the statement because it was told to. */
  isCancelled(error: unknown): boolean;
  /** Gives up the connection: whether the statement ended, and what a cancellation still hits, is unknown. */
  drop(): void;
}

/**
 * Runs a statement that a signal cancels. Settles when the server has answered and the cancellation
 * is over, so that what uses the connection next is safe from it. A statement that was quicker
 * than its cancellation resolves: it has happened.
 *
 * @throws The signal's reason, where the server ended the statement or it was never sent.
 * @throws {LastcallError} `ERR_LASTCALL_NOT_CANCELLED`, with the signal's reason as its cause.
 */
export async function runStatement<T>(
  statement: Statement<T>,
  signal: AbortSignal | undefined,
  { timeout = 3_000 }: CancellableOptions,
): Promise<T> {
  signal?.throwIfAborted();
  const answer = statement.run();
  if (signal === undefined) return answer;
  const settled = answer.then(ignore, ignore);
  if (!(await isAbortedBefore(settled, signal))) return answer;
  const answered = new AbortController();
  void settled.then(() => answered.abort());
  try {
    await within(timeout, cancelUntil(answered.signal, statement));
  } catch (error) {
    const isAnswered = answered.signal.aborted;
    answered.abort();
    statement.drop();
    if (!isAnswered) throw notCancelled(signal.reason, error);
  }
  return answer.catch((error: unknown) => {
    throw statement.isCancelled(error) ? signal.reason : error;
  });
}

/** Again and again: a server that is not yet at the statement ignores that it is to end it. */
async function cancelUntil<T>(answered: AbortSignal, statement: Statement<T>): Promise<void> {
  while (!answered.aborted) {
    await statement.cancel();
    await sleep(PAUSE_MS, undefined, { signal: answered }).catch(ignore);
  }
}

/**
 * Waits for a connection as long as the signal allows; one that comes later is given back.
 *
 * @throws The signal's reason.
 */
export async function lease<C>(
  connection: Promise<C>,
  giveBack: (late: C) => void,
  signal: AbortSignal | undefined,
): Promise<C> {
  if (signal === undefined) return connection;
  const settled = connection.then(ignore, ignore);
  if (!(await isAbortedBefore(settled, signal))) return connection;
  void connection.then(giveBack, ignore);
  throw signal.reason;
}

/** Lets what shares a connection run one after the other. */
export function createTurns(): <T>(run: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const result = last.then(run);
    last = result.then(ignore, ignore);
    return result;
  };
}

async function isAbortedBefore(settled: Promise<void>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return true;
  let onAbort = ignore;
  const aborted = new Promise<boolean>((resolve) => {
    onAbort = (): void => resolve(true);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([settled.then(() => false), aborted]);
  } finally {
    // A signal may outlive many statements.
    signal.removeEventListener("abort", onAbort);
  }
}

async function within<T>(timeout: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${timeout} ms`)), timeout);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function notCancelled(reason: unknown, error: unknown): LastcallError {
  const why = error instanceof Error ? error.message : String(error);
  return new LastcallError(
    "ERR_LASTCALL_NOT_CANCELLED",
    `The server did not confirm that the statement ended (${why}); its connection is given up, and the statement may run on`,
    { cause: reason },
  );
}

/** What a caller gets that waits for a connection when its pool is ended. */
export function poolEnded(): LastcallError {
  return new LastcallError(
    "ERR_LASTCALL_STOPPING",
    "The pool was ended before a connection of it was free",
  );
}

/** Resolves when a signal has aborted. */
export async function whenAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

export function ignore(): void {}
