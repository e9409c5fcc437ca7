import type { Duplex } from "node:stream";
import type { Connection, PoolConnection, RowDataPacket } from "mysql2";

import { shared } from "../shared.js";

/** A connection of `mysql2` with what has no public type, the same in all of its versions 3. */
export interface CoreConnection extends PoolConnection {
  readonly stream: Duplex;
  _realEnd(): void;
}

type Twin = new (pool: undefined, options: { config: unknown }) => CoreConnection;

/** The server's name and number, and the connection's number there. */
interface Identity extends RowDataPacket {
  host: string;
  port: number;
  server: number;
  connection: number;
}

const IDENTITY =
  "SELECT @@hostname AS host, @@port AS port, @@server_id AS server, CONNECTION_ID() AS connection";

const known = shared("mysql2", () => new WeakMap<Connection, Identity>());

/** Remembers which server a connection leads to, and its number there. */
export async function identify(connection: Connection): Promise<void> {
  if (!known.has(connection)) known.set(connection, await ask(connection));
}

/** A `KILL QUERY` on its own connection. */
export interface KillRequest {
  /** Resolves when the server has answered: from then on it can hit no later statement. */
  readonly ended: Promise<void>;
  destroy(): void;
}

/** Asks the server to end the statement that runs on a connection that has been identified. */
export function requestKill(connection: CoreConnection): KillRequest | null {
  const target = known.get(connection);
  // What would be killed is the question which server it is.
  if (target === undefined) return null;
  const twin = new (connection.constructor as Twin)(undefined, { config: connection.config });
  // Its commands are rejected.
  twin.on("error", () => {});
  return { ended: kill(twin, target), destroy: () => void twin.stream.destroy() };
}

/**
 * The same address may be a balancer's, and on another server the number means another client's
 * connection.
 */
async function kill(twin: CoreConnection, target: Identity): Promise<void> {
  const { host, port, server } = await ask(twin);
  if (host !== target.host || port !== target.port || server !== target.server) {
    throw new Error(`connected to ${host}:${port}, not to ${target.host}:${target.port}`);
  }
  await run(twin, `KILL QUERY ${target.connection}`);
  // `end` of a connection of a pool would give it back.
  twin._realEnd();
}

async function ask(connection: Connection): Promise<Identity> {
  const [identity] = await run(connection, IDENTITY);
  return identity as Identity;
}

function run(connection: Connection, sql: string): Promise<Identity[]> {
  return new Promise((resolve, reject) => {
    connection.query<Identity[]>(sql, (error, rows) => (error ? reject(error) : resolve(rows)));
  });
}
