import { readFileSync } from "node:fs";
import { constants } from "node:os";
import type { Disposition } from "../facts/stop.js";

/**
 * Reads it from the kernel. Null where that cannot be seen: other systems than Linux, no process. Of
 * programs in Node and Go it says little, as their runtimes catch SIGTERM in any case.
 */
export function readDisposition(
  pid: number | null,
  signal: NodeJS.Signals | null,
): Disposition | null {
  if (pid === null || signal === null) return null;
  const status = readStatus(pid);
  const [caught, ignored] = ["SigCgt", "SigIgn"].map((name) => readMask(status, name));
  if (caught === undefined || ignored === undefined) return null;
  const bit = 1n << BigInt(constants.signals[signal] - 1);
  if ((caught & bit) !== 0n) return "caught";
  return (ignored & bit) === 0n ? "default" : "ignored";
}

/** proc(5): in hexadecimal; bit n − 1 stands for signal n. */
function readMask(status: string, name: string): bigint | undefined {
  const digits = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/status`, "utf8");
  } catch {
    return "";
  }
}
