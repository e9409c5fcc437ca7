import type { ConnectionEnd } from "../ledger.js";
import { readPortUse } from "./ports.js";

/** What a connection was doing, and whether it was one to this machine. */
export interface Attempt {
  readonly isConnecting: boolean;
  readonly isHere: boolean;
}

/** From another machine a packet that nobody answers is no better than a refusal. */
const UNREACHED: ReadonlySet<string> = new Set(["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]);

/**
 * Whose doing a socket's error is. Refusals and resets are the service's; everything else (EMFILE,
 * EADDRNOTAVAIL when the ports have run out, ENOBUFS) is the machine's or the prover's own.
 */
export function classifyFailure(code: string, { isConnecting, isHere }: Attempt): ConnectionEnd {
  if (isConnecting && code === "ECONNREFUSED") return "refused";
  if (code === "ECONNRESET" || code === "EPIPE") return "reset by service";
  if (!isHere && UNREACHED.has(code)) return isConnecting ? "refused" : "reset by service";
  // Cut inside a handshake or a record, TLS fails before TCP says why.
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) return "reset by service";
  return "prover failed";
}

/** What the machine ran out of, for a failure that is not the service's. */
export function explainOwnFailure(code: string, port: number): string {
  if (code === "EMFILE" || code === "ENFILE")
    return `${code} (no file descriptor was left: raise \`ulimit -n\`)`;
  if (code !== "EADDRNOTAVAIL") return code;
  const { portsUsed, portsInRange } = readPortUse([port]);
  const use =
    portsUsed === null
      ? ""
      : `, ${String(portsUsed)} of ${String(portsInRange)} in use towards the service`;
  const next = "widen net.ipv4.ip_local_port_range, or try fewer --clients";
  return `${code} (no local port was left for a connection${use}: ${next})`;
}
