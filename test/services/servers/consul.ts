import { findFreePort } from "#src/prove/machine/port.js";

import { CONSUL } from "./programs.js";
import { startServer, type Scope, type Server } from "./server.js";

export interface Consul extends Server {
  readonly url: string;
  /** Has every right. */
  readonly token: string;
}

/** An agent in development mode on loopback, which refuses what comes without a token. */
export async function startConsul(scope: Scope): Promise<Consul> {
  const names = ["http", "serf_lan", "serf_wan", "server"];
  const ports: Record<string, number> = { dns: -1, grpc: -1, https: -1 };
  for (const name of names) ports[name] = await findFreePort();
  const token = "00000000-0000-4000-8000-000000000001";
  const acl = { enabled: true, default_policy: "deny", tokens: { master: token, agent: token } };
  const server = await startServer(scope, {
    program: CONSUL,
    name: "consul",
    args: () => [
      ...["agent", "-dev", "-bind", "127.0.0.1", "-client", "127.0.0.1"],
      ...["-hcl", JSON.stringify({ ports, acl, check_update_interval: "0s" })],
    ],
    ready: /cluster leadership acquired[^]*Synced node info/,
  });
  return { ...server, url: `http://127.0.0.1:${ports["http"]}`, token };
}
