/**
 * Redis through `redis` (node-redis): blocking commands that end on the server when their signal aborts.
 *
 * @module
 */
import { createCancellable, type CancellableRedis } from "./blocking.js";
import { ignore, type CancellableOptions } from "./statement.js";

export type { CancellableRedis } from "./blocking.js";
export type { CancellableOptions, SignalOptions } from "./statement.js";

/** What is used of a client of `redis`. */
export interface RedisClient {
  duplicate(): unknown;
  connect(): Promise<unknown>;
  close(): Promise<unknown>;
  destroy(): void;
  sendCommand(words: readonly string[]): Promise<unknown>;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * Makes blocking commands cancellable. They run on connections that are made from the client's own
 * options when needed and kept; an abort sends `CLIENT UNBLOCK` on the client itself.
 */
export function cancellable<C extends RedisClient>(
  client: C,
  options: CancellableOptions = {},
): CancellableRedis<C> {
  const open = async (): Promise<C> => {
    const connection = client.duplicate() as C;
    // A connection that breaks rejects its command; without a listener it would also end the process.
    connection.on("error", ignore);
    await connection.connect();
    return connection;
  };
  return createCancellable(
    client,
    {
      open,
      close: (connection) => connection.close(),
      destroy: (connection) => connection.destroy(),
      send: (connection, ...words) => connection.sendCommand(words),
    },
    options,
  );
}
