import path from "node:path";

import { findFreePort } from "#src/prove/machine/port.js";

import { certificate } from "../../harness/tls.js";
import { PROGRAMS } from "./programs.js";
import { runOnce, startServer, writePrivately, type Scope, type Server } from "./server.js";

export interface Postgres extends Server {
  /** What `new pg.Pool` and `postgres()` take. */
  readonly config: { host: string; port: number; user: string; database: string };
  /** The folder with its Unix socket, which serves as `host` too. */
  readonly socketFolder: string;
}

/** An empty PostgreSQL that trusts everybody on loopback, with `lastcall` as its superuser; TLS is on offer. */
export async function startPostgres(scope: Scope): Promise<Postgres> {
  const port = await findFreePort();
  let socketFolder = "";
  const server = await startServer(scope, {
    program: PROGRAMS.postgres,
    name: "postgres",
    prepare: initialize,
    args: (folder) => {
      socketFolder = folder;
      const settings = {
        port,
        listen_addresses: "127.0.0.1",
        unix_socket_directories: folder,
        fsync: "off",
        ssl: "on",
        ssl_cert_file: path.join(folder, "cert.pem"),
        ssl_key_file: path.join(folder, "key.pem"),
      };
      const options = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
      return ["-D", path.join(folder, "data"), ...options];
    },
    ready: /ready to accept connections/,
    // Immediate: it ends its children and waits for them, and recovers nothing.
    signal: "SIGQUIT",
  });
  const config = { host: "127.0.0.1", port, user: "lastcall", database: "postgres" };
  return { ...server, config, socketFolder };
}

function initialize(folder: string): void {
  const data = path.join(folder, "data");
  runOnce(PROGRAMS.postgres, "initdb", ["-D", data, "-A", "trust", "-U", "lastcall", "--no-sync"]);
  writePrivately(PROGRAMS.postgres, path.join(folder, "cert.pem"), certificate.cert);
  writePrivately(PROGRAMS.postgres, path.join(folder, "key.pem"), certificate.key);
}
