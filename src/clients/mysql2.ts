/**
 * MySQL and MariaDB through `mysql2`: statements that end on the server when their signal aborts.
 *
 * @module
 */
import type { ExecuteValues, QueryValues } from "mysql2";
import type { FieldPacket, Pool, PoolConnection, QueryOptions, QueryResult } from "mysql2/promise";

import { identify, requestKill, type CoreConnection, type KillRequest } from "./mysql2-kill.js";
import {
  createTurns,
  lease,
  runStatement,
  signalOf,
  type CancellableOptions,
  type SignalOptions,
  type Statement,
} from "./statement.js";

/** `query` and `execute` of `mysql2/promise`, with a signal. */
export interface CancellableStatements {
  query<T extends QueryResult>(
    sql: string | QueryOptions,
    values?: QueryValues,
    options?: SignalOptions,
  ): Promise<[T, FieldPacket[]]>;
  execute<T extends QueryResult>(
    sql: string | QueryOptions,
    values?: ExecuteValues,
    options?: SignalOptions,
  ): Promise<[T, FieldPacket[]]>;
}

/** A connection of a pool, for statements that belong together. They run one after the other. */
export interface CancellableConnection extends CancellableStatements {
  beginTransaction(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Gives the connection back to its pool. */
  release(): void;
}

/** A pool whose statements can be cancelled. */
export interface CancellablePool extends CancellableStatements {
  /** Waits for a connection; the signal ends the wait, and no more than that. */
  getConnection(options?: SignalOptions): Promise<CancellableConnection>;
  /** Ends the pool; `mysql2` rejects the callers that wait for a connection by itself. */
  end(): Promise<void>;
}

/**
 * Makes the statements of a pool of `mysql2/promise` cancellable: an abort sends `KILL QUERY` over a
 * second connection, as the same user, and the first one is not used again before the server has
 * answered, so that a kill that comes too late hits no other statement.
 */
export function cancellable(pool: Pool, options: CancellableOptions = {}): CancellablePool {
  const getConnection = async (given?: SignalOptions): Promise<CancellableConnection> => {
    const signal = signalOf(given);
    signal?.throwIfAborted();
    const connection = await lease(pool.getConnection(), (late) => late.release(), signal);
    return lend(connection, options);
  };
  const once = async <T>(
    given: SignalOptions | undefined,
    run: (connection: CancellableConnection) => Promise<T>,
  ): Promise<T> => {
    const connection = await getConnection(given);
    try {
      return await run(connection);
    } finally {
      connection.release();
    }
  };
  return {
    query: (sql, values, given) => once(given, (on) => on.query(sql, values, given)),
    execute: (sql, values, given) => once(given, (on) => on.execute(sql, values, given)),
    getConnection,
    end: () => pool.end(),
  };
}

function lend(connection: PoolConnection, options: CancellableOptions): CancellableConnection {
  const inTurn = createTurns();
  const send = <T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> => {
    const statement = createStatement(connection, signal === undefined ? run : afterwards(run));
    return inTurn(() => runStatement(statement, signal, options));
  };
  // While a statement runs it is too late to ask which server runs it.
  const afterwards =
    <T>(run: () => Promise<T>) =>
    async (): Promise<T> => {
      await identify(coreOf(connection));
      return run();
    };
  return {
    query: (sql, values, given) =>
      send(signalOf(given, textOf(sql)), () => connection.query(sql as string, values)),
    execute: (sql, values, given) =>
      send(signalOf(given, textOf(sql)), () => connection.execute(sql as string, values)),
    beginTransaction: () => inTurn(() => connection.beginTransaction()),
    commit: () => inTurn(() => connection.commit()),
    rollback: () => inTurn(() => connection.rollback()),
    release: () => connection.release(),
  };
}

function textOf(sql: string | QueryOptions): string {
  return typeof sql === "string" ? sql : sql.sql;
}

function createStatement<T>(connection: PoolConnection, run: () => Promise<T>): Statement<T> {
  const core = coreOf(connection);
  let request: KillRequest | null = null;
  return {
    run,
    cancel: async () => {
      request = requestKill(core);
      await request?.ended;
    },
    // ER_QUERY_INTERRUPTED
    isCancelled: (error) => (error as { errno?: unknown } | null)?.errno === 1317,
    drop: () => {
      request?.destroy();
      connection.destroy();
      // That only says goodbye, to a server that is busy.
      core.stream.destroy();
    },
  };
}

/** What the promises are a wrapper of; its type says that it is one itself. */
function coreOf(connection: PoolConnection): CoreConnection {
  return connection.connection as unknown as CoreConnection;
}
