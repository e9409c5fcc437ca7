import path from "node:path";

import { findFreePort } from "#src/prove/machine/port.js";

import { PROGRAMS } from "./programs.js";
import { runOnce, startServer, writePrivately, type Scope, type Server } from "./server.js";

export interface MariaDb extends Server {
  /** What `mysql.createPool` takes. Its user has a database of its own, and no other right. */
  readonly config: MariaDbConfig;
  /** The same for a user who sees and may do everything. */
  readonly admin: MariaDbConfig;
}

interface MariaDbConfig {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

const USERS = `
CREATE DATABASE lastcall;
CREATE USER app@'127.0.0.1' IDENTIFIED BY 'secret';
GRANT ALL ON lastcall.* TO app@'127.0.0.1';
CREATE USER admin@'127.0.0.1' IDENTIFIED BY 'secret';
GRANT ALL ON *.* TO admin@'127.0.0.1';
`;

/** An empty MariaDB on loopback. */
export async function startMariaDb(scope: Scope): Promise<MariaDb> {
  const port = await findFreePort();
  const server = await startServer(scope, {
    program: PROGRAMS.mariadb,
    name: "mariadbd",
    prepare: initialize,
    args: (folder) => [
      "--no-defaults",
      `--datadir=${path.join(folder, "data")}`,
      `--socket=${path.join(folder, "socket")}`,
      `--pid-file=${path.join(folder, "pid")}`,
      `--init-file=${path.join(folder, "users.sql")}`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      "--innodb-flush-log-at-trx-commit=0",
      "--innodb-buffer-pool-size=16M",
    ],
    ready: /ready for connections/,
  });
  const shared = { host: "127.0.0.1", port, password: "secret", database: "lastcall" };
  return { ...server, config: { ...shared, user: "app" }, admin: { ...shared, user: "admin" } };
}

function initialize(folder: string): void {
  const data = `--datadir=${path.join(folder, "data")}`;
  runOnce(PROGRAMS.mariadb, "mariadb-install-db", ["--no-defaults", data, "--skip-test-db"]);
  writePrivately(PROGRAMS.mariadb, path.join(folder, "users.sql"), USERS);
}
