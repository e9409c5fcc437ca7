/**
 * PostgreSQL through `postgres` (postgres.js): statements that end on the server when their signal aborts.
 *
 * @module
 */
import type { ISql, ReservedSql, Sql } from "postgres";

import { isLastcallError, wrongArgument } from "../errors.js";
import { requestCancel, type Backend } from "./postgres-cancel.js";
import { createReservations } from "./postgres-reserve.js";
import {
  createTurns,
  ignore,
  lease,
  runStatement,
  signalOf,
  type CancellableOptions,
  type SignalOptions,
  type Statement,
} from "./statement.js";

/** Makes one statement with the `sql` it is given: `` (sql) => sql`select ${id}` ``. */
export type Query<T> = (sql: ISql) => Promise<T> & { cancel(): void };

/** A transaction of a pool. Its statements run one after the other. */
export interface CancellableTransaction {
  /** Runs one statement. */
  query<T>(query: Query<T>, options?: SignalOptions): Promise<T>;
}

/** A pool whose statements can be cancelled. */
export interface CancellableSql {
  /**
   * Runs one statement; with a signal on a connection of its own, and the signal also ends the wait for
   * that.
   */
  query<T>(query: Query<T>, options?: SignalOptions): Promise<T>;
  /**
   * Runs a transaction: it commits when the function resolves, and rolls back when it rejects. The signal
   * ends the wait for a connection, and no more than that.
   */
  begin<T>(
    run: (transaction: CancellableTransaction) => Promise<T>,
    options?: SignalOptions,
  ): Promise<T>;
  /**
   * Ends the pool when the statements with a signal have ended, and rejects those that wait for a
   * connection with `ERR_LASTCALL_STOPPING`.
   */
  end(): Promise<void>;
}

/**
 * Makes statements cancellable. `query.cancel()` of postgres.js tells neither when it is over nor that it
 * failed, and the connection is used meanwhile; here it is reserved until the server has closed the
 * connection of the cancel request, so that one that comes too late hits no other statement.
 */
export function cancellable(sql: Sql, options: CancellableOptions = {}): CancellableSql {
  const pool = createReservations(sql);
  const withOne = async <T>(
    signal: AbortSignal | undefined,
    run: (session: Session) => Promise<T>,
  ): Promise<T> => {
    signal?.throwIfAborted();
    const reserved = await lease(pool.reserve(), (late) => pool.release(late), signal);
    const session = createSession(sql, reserved, options);
    try {
      return await run(session);
    } finally {
      void session.over().then((isOpen) => pool.release(reserved, isOpen));
    }
  };
  return {
    query: async (make, given) => {
      const signal = signalOf(given);
      if (signal === undefined) return make(sql);
      return withOne(signal, (session) => session.query(make, { signal }));
    },
    begin: (run, given) => withOne(signalOf(given), (session) => transact(session, run)),
    end: () => pool.end(),
  };
}

async function transact<T>(
  session: Session,
  run: (transaction: CancellableTransaction) => Promise<T>,
): Promise<T> {
  await session.query((sql) => sql`begin`);
  try {
    const result = await run({ query: session.query });
    await session.query((sql) => sql`commit`);
    return result;
  } catch (error) {
    const isUndone = session.over().then((isOpen) => isOpen && session.undo());
    // Its statement may run for long.
    if (!isNotCancelled(error)) await isUndone;
    throw error;
  }
}

/** A reserved connection, for statements that run one after the other. */
interface Session {
  readonly query: CancellableTransaction["query"];
  /** Rolls back. */
  readonly undo: () => Promise<unknown>;
  /** Resolves when neither a statement nor a cancel request is on its way, to whether the connection is open. */
  readonly over: () => Promise<boolean>;
}

function createSession(sql: Sql, reserved: ReservedSql, options: CancellableOptions): Session {
  const inTurn = createTurns();
  let last = Promise.resolve(true);
  let lost: unknown;
  const run = async <T>(make: Query<T>, signal: AbortSignal | undefined): Promise<T> => {
    if (lost !== undefined) throw lost;
    const statement = createStatement(sql, reserved, make);
    try {
      return await runStatement(statement, signal, options);
    } catch (error) {
      // postgres.js would write to what has been closed.
      if (isNotCancelled(error) || !isOpenAfter(error)) lost = error;
      throw error;
    } finally {
      last = statement.over();
    }
  };
  return {
    query: (make, given) => inTurn(() => run(make, signalOf(given))),
    undo: async () => reserved`rollback`,
    over: () => last,
  };
}

interface PostgresStatement<T> extends Statement<T> {
  over(): Promise<boolean>;
}

/** A query with what has no public type, the same in all of postgres.js' versions 3. */
interface Pending extends Promise<unknown> {
  /** Which backend it has been sent to; null before. */
  readonly state: Backend | null;
  /** Whether everything that was sent to that backend before has been answered, and it has not. */
  readonly active: boolean;
}

function createStatement<T>(sql: Sql, on: ISql, make: Query<T>): PostgresStatement<T> {
  let pending: Pending | undefined;
  let answer: Promise<T> | undefined;
  let cancelling: Promise<void> = Promise.resolve();
  return {
    run: () => {
      const query = make(on);
      if (typeof query?.cancel !== "function") {
        throw wrongArgument("query", "a function that returns a query of its `sql`", make);
      }
      pending = query as unknown as Pending;
      return (answer = query.then((rows) => rows));
    },
    cancel: () => {
      // A reserved connection may still be at what another has sent before.
      if (pending?.active && pending.state) cancelling = requestCancel(sql.options, pending.state);
      return cancelling;
    },
    // query_canceled
    isCancelled: (error) => (error as { code?: unknown } | null)?.code === "57014",
    // A single connection cannot be closed: it comes back when the server has answered.
    drop: ignore,
    over: async () => {
      const isOpen = answer?.then(() => true, isOpenAfter) ?? true;
      await cancelling.catch(ignore);
      return isOpen;
    },
  };
}

function isNotCancelled(error: unknown): boolean {
  return isLastcallError(error) && error.code === "ERR_LASTCALL_NOT_CANCELLED";
}

function isOpenAfter(error: unknown): boolean {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown };
  return !String(code).startsWith("CONNECT") && errno === undefined;
}
