/**
 * PostgreSQL through `pg`: statements that end on the server when their signal aborts.
 *
 * @module
 */
import type {
  Pool,
  PoolClient,
  QueryArrayConfig,
  QueryArrayResult,
  QueryConfig,
  QueryResult,
  QueryResultRow,
} from "pg";

import { requestCancel, type CancelRequest } from "./pg-cancel.js";
import {
  createTurns,
  ignore,
  lease,
  poolEnded,
  runStatement,
  signalOf,
  type CancellableOptions,
  type SignalOptions,
  type Statement,
} from "./statement.js";

/** `query` of `pg`, with a signal. */
export interface CancellableQuery {
  <R extends unknown[]>(
    config: QueryArrayConfig,
    values?: readonly unknown[],
    options?: SignalOptions,
  ): Promise<QueryArrayResult<R>>;
  <R extends QueryResultRow>(
    text: string | QueryConfig,
    values?: readonly unknown[],
    options?: SignalOptions,
  ): Promise<QueryResult<R>>;
}

/** A client of a pool, for statements that belong together. They run one after the other. */
export interface CancellableClient {
  query: CancellableQuery;
  /** Gives the client back to its pool; with an error, or `true`, it is closed instead. */
  release(error?: Error | boolean): void;
}

/** A pool whose statements can be cancelled. */
export interface CancellablePool {
  /** Runs one statement on a client of its own. The signal also ends the wait for that client. */
  query: CancellableQuery;
  /** Waits for a client; the signal ends the wait, and no more than that. */
  connect(options?: SignalOptions): Promise<CancellableClient>;
  /**
   * Ends the pool when its clients are back, and rejects the callers that wait for one with
   * `ERR_LASTCALL_STOPPING`: `pool.end()` leaves them waiting for ever.
   */
  end(): Promise<void>;
}

/**
 * Makes the statements of a pool cancellable: an abort sends a cancel request over a second connection,
 * and the client is not used again before the server has closed that one, so that a request
 * that comes too late hits no other statement.
 */
export function cancellable(pool: Pool, options: CancellableOptions = {}): CancellablePool {
  const query = async (
    text: string | QueryConfig,
    values?: readonly unknown[],
    given?: SignalOptions,
  ): Promise<QueryResult> => {
    const signal = signalOf(given);
    const client = await borrow(pool, signal);
    const statement = createStatement(pool, client, text, values);
    try {
      const result = await runStatement(statement, signal, options);
      giveBack(client, statement.isDropped());
      return result;
    } catch (error) {
      if (isReason(error, signal)) void isInTransaction(client).then((is) => giveBack(client, is));
      // As pg's own `pool.query`.
      else giveBack(client, true);
      throw error;
    }
  };
  const connect = async (given?: SignalOptions): Promise<CancellableClient> =>
    lend(pool, await borrow(pool, signalOf(given)), options);
  return { connect, query: query as CancellableQuery, end: () => end(pool) };
}

async function borrow(pool: Pool, signal: AbortSignal | undefined): Promise<PoolClient> {
  signal?.throwIfAborted();
  const client = await lease(pool.connect(), (late) => late.release(), signal);
  // A connection that breaks rejects its statement; without a listener it would also end the process.
  return client.on("error", ignore);
}

function giveBack(client: PoolClient, error?: Error | boolean): void {
  client.off("error", ignore);
  client.release(error);
}

function lend(pool: Pool, client: PoolClient, options: CancellableOptions): CancellableClient {
  const inTurn = createTurns();
  let isLost = false;
  const query = async (
    text: string | QueryConfig,
    values?: readonly unknown[],
    given?: SignalOptions,
  ): Promise<QueryResult> => {
    const signal = signalOf(given, typeof text === "string" ? text : text.text);
    const statement = createStatement(pool, client, text, values);
    try {
      return await inTurn(() => runStatement(statement, signal, options));
    } catch (error) {
      isLost ||= !isReason(error, signal) && !isUsableAfter(error);
      throw error;
    } finally {
      isLost ||= statement.isDropped();
    }
  };
  return {
    query: query as CancellableQuery,
    release: (error) => giveBack(client, error ?? isLost),
  };
}

/**
 * Whether what was cancelled was itself a transaction, of several statements in one text: no code is left
 * to end that one. The empty statement brings the server's word on it.
 */
async function isInTransaction(client: PoolClient): Promise<boolean> {
  try {
    await client.query("");
    return client.getTransactionStatus() !== "I";
  } catch {
    return true;
  }
}

function isReason(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && error === signal.reason;
}

/**
 * Whether the server has said what is wrong with the statement, and not that it ends the connection:
 * classes 08 and 57P, and 25P03 for a transaction that has stood still.
 */
function isUsableAfter(error: unknown): boolean {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return severity !== undefined && typeof code === "string" && !/^(08|57P|25P03)/.test(code);
}

function createStatement(
  pool: Pool,
  client: PoolClient,
  text: string | QueryConfig,
  values: readonly unknown[] | undefined,
): Statement<QueryResult> & { isDropped(): boolean } {
  let isDropped = false;
  let request: CancelRequest | undefined;
  return {
    run: () => client.query(text, values as unknown[]),
    cancel: () => (request = requestCancel(client, pool.options)).ended,
    // query_canceled
    isCancelled: (error) => (error as { code?: unknown } | null)?.code === "57014",
    isDropped: () => isDropped,
    drop: () => {
      isDropped = true;
      request?.destroy();
      client.connection.stream.destroy();
    },
  };
}

function end(pool: Pool): Promise<void> {
  const { _pendingQueue: waiting = [] } = pool as unknown as PoolInternals;
  const ended = pool.end();
  for (const waiter of waiting.splice(0)) waiter.callback(poolEnded(), undefined, ignore);
  return ended;
}

/** The callers that wait for a client, in `pg-pool`, the same in all of its versions 3. */
interface PoolInternals {
  readonly _pendingQueue?: { callback(error: Error, client: undefined, done: () => void): void }[];
}
