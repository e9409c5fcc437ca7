import {
  lease,
  runStatement,
  signalOf,
  type CancellableOptions,
  type SignalOptions,
  type Statement,
} from "./statement.js";

/** Commands of Redis that a signal ends, each on a connection that nothing else uses meanwhile. */
export interface CancellableRedis<C> {
  /**
   * Runs a blocking command on a connection of its own. An abort unblocks it on the server, and the
   * connection is used again. A value that the server gave before is not lost: the call resolves to it.
   *
   * Rejects with the signal's reason, or with `ERR_LASTCALL_NOT_CANCELLED` where the server did not
   * unblock it in time, as for a script that runs: then the connection is closed.
   */
  run<T>(command: (connection: C) => Promise<T>, options?: SignalOptions): Promise<T>;
  /** Closes the connections; those in use as soon as they are free. The client itself stays open. */
  end(): Promise<void>;
}

/** What one client library calls these. */
export interface Driver<C> {
  /** Opens one more connection with the client's own options. */
  open(): Promise<C>;
  close(connection: C): Promise<unknown>;
  destroy(connection: C): void;
  send(connection: C, ...words: string[]): Promise<unknown>;
}

/** `client` is for commands that do not block. */
export function createCancellable<C>(
  client: C,
  driver: Driver<C>,
  options: CancellableOptions,
): CancellableRedis<C> {
  const idle: C[] = [];
  let isEnded = false;
  const giveBack = (connection: C): void => {
    if (isEnded) void driver.close(connection);
    else idle.push(connection);
  };
  return {
    async run(command, given) {
      const signal = signalOf(given);
      signal?.throwIfAborted();
      const connection = idle.pop() ?? (await lease(driver.open(), giveBack, signal));
      let isDropped = false;
      const drop = (): void => {
        isDropped = true;
        driver.destroy(connection);
      };
      try {
        const blocking = { connection, command, drop };
        return await runStatement(createStatement(client, driver, blocking), signal, options);
      } finally {
        if (!isDropped) giveBack(connection);
      }
    },
    async end() {
      isEnded = true;
      await Promise.all(idle.splice(0).map((connection) => driver.close(connection)));
    },
  };
}

interface Blocking<C, T> {
  readonly connection: C;
  readonly command: (connection: C) => Promise<T>;
  readonly drop: () => void;
}

function createStatement<C, T>(
  client: C,
  driver: Driver<C>,
  { connection, command, drop }: Blocking<C, T>,
): Statement<T> {
  let id: string | undefined;
  return {
    async run() {
      // Asked each time: a connection that was made anew has another one.
      id = String(await driver.send(connection, "CLIENT", "ID"));
      return command(connection);
    },
    async cancel() {
      if (id !== undefined) await driver.send(client, "CLIENT", "UNBLOCK", id, "ERROR");
    },
    isCancelled: (error) => error instanceof Error && error.message.startsWith("UNBLOCKED"),
    drop,
  };
}
