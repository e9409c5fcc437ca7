/** Where a service listens. */
export interface Address {
  /** A name or an IP address, as a socket takes it: `127.0.0.1`, `::1`, `staging.example`. */
  readonly host: string;
  readonly port: number;
  /** What a client calls it (RFC 9110 §7.2 `Host`, HTTP/2 `:authority`). */
  readonly authority: string;
}

/** Whether a host means this machine by its form alone. */
export function isLoopback({ host }: Address): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** The address of a service on this machine. */
export function loopback(port: number): Address {
  return { host: "127.0.0.1", port, authority: `127.0.0.1:${String(port)}` };
}
