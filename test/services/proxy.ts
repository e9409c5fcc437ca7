import net from "node:net";
import type { TestContext } from "node:test";

import { listen } from "../harness/serve.js";

/** Stands between a client and its servers on loopback. */
export interface Proxy {
  readonly port: number;
  /** Keeps back what the client says on the first connection, until `go`. */
  readonly hold: () => void;
  readonly go: () => void;
}

/** Leads the nth connection, from 0, to a port; where that is null it is taken and never answered. */
export async function startProxy(
  t: TestContext,
  portOf: (index: number) => number | null,
): Promise<Proxy> {
  const sockets: net.Socket[] = [];
  let pair: [net.Socket, net.Socket] | undefined;
  let count = 0;
  const proxy = net.createServer((client) => {
    sockets.push(client.on("error", () => {}));
    const port = portOf(count++);
    if (port === null) return;
    const server = net.connect(port, "127.0.0.1").on("error", () => {});
    sockets.push(server);
    pair ??= [client, server];
    client.pipe(server).pipe(client);
    client.on("close", () => server.destroy());
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return {
    port: await listen(proxy),
    hold: () => pair?.[0].unpipe(pair[1]),
    go: () => pair?.[0].pipe(pair[1]),
  };
}
