import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import type { TestContext } from "node:test";

import type { Target } from "./wire.js";

/**
 * A proxy that lets everything arrive `delay` milliseconds later, each way: bytes, ends and resets. On
 * bare loopback nothing is ever on its way, and whoever closes a connection always wins.
 */
export async function delayed(t: TestContext, target: Target, delay: number): Promise<Target> {
  const sockets = new Set<Socket>();
  const proxy = net.createServer({ allowHalfOpen: true }, (client) => {
    const server = net.connect({ port: target.port ?? 0, host: "127.0.0.1", allowHalfOpen: true });
    for (const socket of [client, server]) {
      socket.setNoDelay();
      sockets.add(socket);
    }
    forward(client, server, delay);
    forward(server, client, delay);
  });
  t.after(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return { port: (proxy.address() as AddressInfo).port };
}

/** Timers of one length ring in the order they were set: what was sent first arrives first. */
function forward(from: Socket, to: Socket, delay: number): void {
  from.on("data", (chunk) => setTimeout(() => to.write(chunk), delay));
  from.on("end", () => setTimeout(() => to.end(), delay));
  from.on("error", () => setTimeout(() => to.resetAndDestroy(), delay));
}
