import type { ConnectionEnd } from "../ledger.js";

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
