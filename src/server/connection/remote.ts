import type { Connection } from "./connection.js";

/** Of a client. */
const UNKNOWN = "unknown";

/** The address of the client. */
export function remoteOf({ raw, fence }: Connection): string {
  const read = (): string => {
    const { remoteAddress, remotePort } = raw;
    return remoteAddress === undefined ? UNKNOWN : `${remoteAddress}:${remotePort}`;
  };
  return fence.ask("address of a client", read, UNKNOWN);
}
