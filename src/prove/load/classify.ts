import type { ConnectionEnd } from "../ledger.js";

/**
 * Whose doing a socket's error is. Refusals and resets are the service's; everything else (EMFILE,
 * EADDRNOTAVAIL when the ports have run out, ENOBUFS) is the machine's or the prover's own.
 */
export function classifyFailure(code: string, isConnecting: boolean): ConnectionEnd {
  if (isConnecting && code === "ECONNREFUSED") return "refused";
  if (code === "ECONNRESET" || code === "EPIPE") return "reset by service";
  // Cut inside a handshake or a record, TLS fails before TCP says why.
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) return "reset by service";
  return "prover failed";
}
