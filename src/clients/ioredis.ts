/**
 * Redis through `ioredis`: blocking commands that end on the server when their signal aborts.
 *
 * @module
 */
import type { Redis } from "ioredis";

import { createCancellable, type CancellableRedis } from "./blocking.js";
import { ignore, type CancellableOptions } from "./statement.js";

export type { CancellableRedis } from "./blocking.js";
export type { CancellableOptions, SignalOptions } from "./statement.js";

/**
 * Makes blocking commands cancellable. They run on connections that are made from the client's own
 * options when needed and kept; an abort sends `CLIENT UNBLOCK` on the client itself.
 */
export function cancellable(
  client: Redis,
  options: CancellableOptions = {},
): CancellableRedis<Redis> {
  const open = async (): Promise<Redis> => {
    // A command that was sent before its connection broke may have been executed: not to be sent again.
    const connection = client.duplicate({
      lazyConnect: true,
      autoResendUnfulfilledCommands: false,
    });
    connection.on("error", ignore);
    await connection.connect();
    return connection;
  };
  return createCancellable(
    client,
    {
      open,
      close: (connection) => connection.quit(),
      destroy: (connection) => connection.disconnect(),
      send: (connection, command, ...words) => connection.call(command ?? "", ...words),
    },
    options,
  );
}
