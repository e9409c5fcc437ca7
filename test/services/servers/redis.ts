import { findFreePort } from "#src/prove/machine/port.js";

import { PROGRAMS } from "./programs.js";
import { startServer, type Scope, type Server } from "./server.js";

export interface Redis extends Server {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** An empty Redis on loopback that writes nothing to disk. */
export async function startRedis(scope: Scope): Promise<Redis> {
  const host = "127.0.0.1";
  const port = await findFreePort();
  const server = await startServer(scope, {
    program: PROGRAMS.redis,
    name: "redis-server",
    args: (folder) => ["--bind", host, "--port", `${port}`, "--save", "", "--dir", folder],
    ready: /Ready to accept connections/,
  });
  return { ...server, host, port, url: `redis://${host}:${port}` };
}
