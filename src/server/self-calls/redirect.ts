import { Socket, type AddressInfo } from "node:net";

import type { Destination } from "./own-address.js";

type Connect = (this: Socket, ...args: unknown[]) => Socket;

interface Connectable {
  connect: Connect;
}

type Options = Destination & Record<string, unknown>;

/**
 * Leads connections of this process to another port of the loopback, where `find` names one. What opens a connection, `fetch`,
 * an agent, `tls`, `http2`, comes to this method of a socket, before its host is looked up. Returns the function that takes
 * it back.
 */
export function redirectConnections(
  find: (destination: Destination) => AddressInfo | undefined,
): () => void {
  const prototype = Socket.prototype as unknown as Connectable;
  const { connect } = prototype;
  let isOver = false;
  const own: Connect = function (...args) {
    if (isOver) return Reflect.apply(connect, this, args);
    const { options, connected } = read(args);
    const instead = find(options);
    if (instead === undefined) return Reflect.apply(connect, this, args);
    const changed = { ...options, host: instead.address, port: instead.port };
    for (const name of OF_ANOTHER_PATH) delete (changed as Options)[name];
    return Reflect.apply(connect, this, connected === undefined ? [changed] : [changed, connected]);
  };
  prototype.connect = own;
  return () => {
    isOver = true;
    // A tracer's method above this one stays, and this one below it only passes on.
    if (prototype.connect === own) prototype.connect = connect;
  };
}

/** What says from where and how a connection goes to an address that it does not go to. */
const OF_ANOTHER_PATH = ["path", "localAddress", "localPort", "lookup", "family", "hints"] as const;

/** Node's own callers pass an array of the options and a listener; the others what `socket.connect()` takes. */
function read(args: unknown[]): { options: Options; connected?: unknown } {
  const [first, second] = args;
  if (Array.isArray(first)) return read(first);
  const last = args.at(-1);
  const connected = typeof last === "function" ? { connected: last } : {};
  if (typeof first === "object" && first !== null)
    return { options: first as Options, ...connected };
  if (typeof first === "string" && Number.isNaN(Number(first))) {
    return { options: { path: first }, ...connected };
  }
  return { options: { port: first, host: second }, ...connected };
}
