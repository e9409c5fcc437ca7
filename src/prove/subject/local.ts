import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import type { Address } from "../request/address.js";

/** Whether the address is one of this machine's own, whose socket table can be read. */
export async function isLocal({ host, path }: Address): Promise<boolean> {
  if (path !== undefined) return true;
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const known = new Set(own.map(({ address }) => address));
  try {
    const found = await lookup(host, { all: true });
    return found.every(({ address }) => address.startsWith("127.") || known.has(address));
  } catch {
    return false;
  }
}
