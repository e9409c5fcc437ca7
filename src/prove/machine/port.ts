import { randomInt } from "node:crypto";
import net from "node:net";
import { CannotRunError } from "../facts/errors.js";

/**
 * Below what the usual systems give to outgoing connections (Linux from 32768, others from 49152): a port
 * that is free now must still be free when the service binds it, however many connect meanwhile.
 */
const PORTS = { from: 15_000, to: 32_767 } as const;
const PORT_TRIES = 50;
// As long as such a name can be: Node 20 fills it up by itself, later versions do not.
const NAME_LENGTH = 108;
// By then a service has bound its port, or never will.
const RESERVED_MS = 60_000;

/** Finds a port that nothing listens on, and that no other prover of this machine has found lately. */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const port = randomInt(PORTS.from, PORTS.to + 1);
    if ((await reserve(port)) && (await canListen(port))) return port;
  }
  throw new CannotRunError(
    "PROVE_PORT_TAKEN",
    `found no free port from ${PORTS.from} to ${PORTS.to}; name one with --port`,
  );
}

/**
 * Two provers may look at the same time, and a port that was found is free until its service binds it.
 * On Linux a name of this kind (unix(7), abstract) is one process' own, is as wide as the ports are, the
 * network namespace, and ends with its process. Elsewhere chance has to do.
 */
async function reserve(port: number): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const path = `\0lastcall-port-${String(port)}`.padEnd(NAME_LENGTH, "\0");
  const name = await listen({ path });
  if (name === undefined) return false;
  name.unref();
  setTimeout(() => name.close(), RESERVED_MS).unref();
  return true;
}

async function canListen(port: number): Promise<boolean> {
  const server = await listen({ port, host: "127.0.0.1" });
  if (server === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/** A server that listens there; undefined when another program does. */
function listen(where: net.ListenOptions): Promise<net.Server | undefined> {
  const server = net.createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(where, () => resolve(server));
  });
}
