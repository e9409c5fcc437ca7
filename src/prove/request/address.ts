/** Where a service listens. */
export interface Address {
  /** A name or an IP address, as a socket takes it: `127.0.0.1`, `::1`, `staging.example`. */
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /** What a client calls it (RFC 9110 §7.2 `Host`, HTTP/2 `:authority`). */
  readonly authority: string;
  /** The file of a Unix socket, in place of host and port. */
  readonly path?: string;
}

/** Whether a host means this machine by its form alone. */
export function isLoopback({ host, path }: Address): boolean {
  return path !== undefined || host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** The address of a service on this machine. */
export function loopback(port: number): Address {
  return { host: "127.0.0.1", port, authority: `127.0.0.1:${String(port)}` };
}

/** The address of a service that listens on a Unix socket; clients call it as they call this machine. */
export function unixSocket(path: string): Address {
  return { host: "localhost", port: 0, authority: "localhost", path };
}

/** What `net.connect` takes. */
export function socketTo({ host, port, path }: Address): { path: string } | Where {
  return path === undefined ? { host, port } : { path };
}

interface Where {
  readonly host: string;
  readonly port: number;
}

/** What a program is told in PORT; Node's `listen` takes either. */
export function portOf({ port, path }: Address): string {
  return path ?? String(port);
}

/** What people know it by. */
export function placeOf({ authority, path }: Address): string {
  return path ?? authority;
}
