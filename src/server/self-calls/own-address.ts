import type { AddressInfo } from "node:net";
import { hostname, networkInterfaces } from "node:os";

/** What a socket is told to connect to. */
export interface Destination {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly path?: unknown;
}

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1)$/;

/** An address of IPv4 as IPv6 writes it. */
const MAPPED = /^::ffff:(?=\d+\.)/;

/** Listens on all addresses; a connection to it goes to the loopback of its family. */
const LOOPBACK_OF = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
]);

/** Whether a connection to `destination` would have reached a listener on `bound`, as far as that can be told without a look-up. */
export function leadsTo(bound: AddressInfo, { host, port, path }: Destination): boolean {
  if (typeof path === "string" || Number(port) !== bound.port) return false;
  const said = typeof host === "string" && host !== "" ? plain(host) : "localhost";
  const name = LOOPBACK_OF.get(said) ?? said;
  const address = plain(bound.address);
  if (!LOOPBACK_OF.has(address)) {
    return name === address || (name === "localhost" && LOOPBACK.test(address));
  }
  if (name === "localhost" || LOOPBACK.test(name)) return true;
  return name === hostname().toLowerCase() || hasAddress(name);
}

function plain(address: string): string {
  return address.toLowerCase().replace(MAPPED, "");
}

/** Whether this machine has an address. */
function hasAddress(address: string): boolean {
  const all = Object.values(networkInterfaces()).flat();
  return all.some((each) => each?.address === address);
}
