import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

// A group of consumers may need three session time-outs to agree.
const LONGEST_WAIT = 60_000;

/** Asks a server until it says yes; resolves to the milliseconds that took. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (!(await isSo())) {
    if (performance.now() - start > LONGEST_WAIT) throw new Error(`waited in vain for ${what}`);
    await sleep(1);
  }
  return performance.now() - start;
}

/** Asks a server for a while, and fails when it says no: a negative control needs its time. */
export async function throughout(ms: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const start = performance.now();
  while (performance.now() - start < ms) {
    if (!(await isSo())) return false;
    await sleep(10);
  }
  return true;
}
