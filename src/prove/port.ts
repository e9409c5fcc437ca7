import { randomInt } from "node:crypto";
import net from "node:net";
import { CannotRunError } from "./errors.js";

/**
 * Below what the usual systems give to outgoing connections (Linux from 32768, others from 49152): a port
 * that is free now must still be free when the service binds it, however many connect meanwhile.
 */
const PORTS = { from: 15_000, to: 32_767 } as const;
const PORT_TRIES = 50;

/** Finds a port nobody listens on. */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const port = randomInt(PORTS.from, PORTS.to + 1);
    if (await canListen(port)) return port;
  }
  throw new CannotRunError(
    "PROVE_PORT_TAKEN",
    `found no free port from ${PORTS.from} to ${PORTS.to}; name one with --port`,
  );
}

function canListen(port: number): Promise<boolean> {
  const server = net.createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
