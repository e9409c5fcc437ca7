import { findFreePort } from "#src/prove/machine/port.js";

import { PROGRAMS } from "./programs.js";
import { startServer, type Scope, type Server } from "./server.js";

export interface Etcd extends Server {
  readonly url: string;
}

/** One member of etcd on loopback, which is its own leader. */
export async function startEtcd(scope: Scope): Promise<Etcd> {
  const [client, peer] = [await findFreePort(), await findFreePort()];
  const url = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const server = await startServer(scope, {
    program: PROGRAMS.etcd,
    name: "etcd",
    args: (folder) => [
      ...["--name", "one", "--data-dir", `${folder}/data`],
      ...["--listen-client-urls", url, "--advertise-client-urls", url],
      ...["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl],
      ...["--initial-cluster", `one=${peerUrl}`],
    ],
    ready: /ready to serve client requests|serving insecure client requests/,
  });
  return { ...server, url };
}
