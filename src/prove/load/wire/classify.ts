import type { ConnectionEnd } from "../../facts/ledger.js";
import { readPortUse } from "./ports.js";

/** What a connection was doing, and whether it was one to this machine. */
export interface Attempt {
  readonly isConnecting: boolean;
  readonly isHere: boolean;
}

/** What a link says that was not made within its time. */
export const TIMED_OUT = "CONNECT_TIMED_OUT";

/** From another machine a packet that is not answered is no better than a refusal. */
const UNREACHED: ReadonlySet<string> = new Set(["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]);
/** Of a Unix socket: there is no file of that name, or its queue is full and says so at once. */
const REFUSED: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOENT", "EAGAIN"]);
/** The attempt was not answered: the system gave up, or this client did. */
const SILENCE: ReadonlySet<string> = new Set([TIMED_OUT, "ETIMEDOUT"]);

/**
 * Whose doing a socket's error is. Refusals and resets are the service's; everything else (EMFILE,
 * EADDRNOTAVAIL when the ports have run out, ENOBUFS) is the machine's or the prover's own.
 */
export function classifyFailure(code: string, { isConnecting, isHere }: Attempt): ConnectionEnd {
  if (isConnecting && REFUSED.has(code)) return "refused";
  if (isConnecting && SILENCE.has(code)) return "timed out";
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
