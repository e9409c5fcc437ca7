import { readFileSync } from "node:fs";

/** How many local ports outgoing connections have, and how many are taken. */
export interface PortUse {
  readonly portsUsed: number | null;
  readonly portsInRange: number | null;
}

/**
 * The local ports that connections to these ports hold, those in TIME_WAIT among them: the kernel
 * gives one out once for each destination. Nulls where nothing tells (Linux does).
 */
export function readPortUse(services: readonly number[]): PortUse {
  const [from, to] = readProc("/proc/sys/net/ipv4/ip_local_port_range").split(/\s+/).map(Number);
  if (!from || !to) return { portsUsed: null, portsInRange: null };
  const tables = readProc("/proc/net/tcp") + readProc("/proc/net/tcp6");
  const used = services.map((port) => countTowards(tables, port));
  return { portsUsed: Math.max(0, ...used), portsInRange: to - from + 1 };
}

/** proc(5): `sl local_address rem_address st …`, the port in hexadecimal after the last colon. */
function countTowards(tables: string, port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return tables.match(new RegExp(`: [0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:${hex} `, "g"))?.length ?? 0;
}

/** Empty where there is no such file: another system, or a container that hides it. */
export function readProc(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
