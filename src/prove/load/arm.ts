import { setTimeout as sleep } from "node:timers/promises";
import { runHalfHead } from "./clients/half-head.js";
import { runIdle } from "./clients/idle.js";
import { runSilent } from "./clients/silent.js";
import { runSlow } from "./clients/slow.js";
import { runUpload } from "./clients/upload.js";
import { defer } from "./connection.js";
import type { Client } from "../ledger.js";
import type { Position } from "./position.js";
import type { Target } from "./protocol.js";
import type { Run } from "./run.js";

// A service that needs longer to answer an idle connection's first request is signalled anyway.
const PATIENCE_MS = 10_000;
// Lets what was just written get from the kernel into the service's event loop.
const SETTLE_MS = 50;

type Start = (position: Position, index: number) => Promise<void>;

/**
 * Brings the special clients into position: idle, silent, half a head sent, slow request and upload
 * begun. Returns their lives, each of which ends when its connection does.
 */
export async function arm(run: Run, target: Target): Promise<Promise<void>[]> {
  const { slow, uploads, counts, rttMs } = run.plan;
  const { promise: settled, resolve: settle } = defer<void>();
  const lives: Promise<void>[] = [];
  const places: Promise<void>[] = [];
  const start = (client: Client, begin: Start): void => {
    for (let index = 0; index < counts[client]; index += 1) {
      const { promise: place, resolve: reached } = defer<void>();
      lives.push(begin({ target, reached, settled }, index).finally(reached));
      places.push(place);
    }
  };
  start("idle", (position, index) => runIdle(run, position, index));
  start("silent", (position, index) => runSilent(run, position, index));
  start("half-head", (position, index) => runHalfHead(run, position, index));
  start("slow", (position, index) => runSlow(run, position, pick(slow, index)));
  if (uploads.length > 0) {
    start("upload", (position, index) => runUpload(run, position, pick(uploads, index)));
  }
  await Promise.race([Promise.all(places), sleep(PATIENCE_MS)]);
  await sleep(SETTLE_MS);
  settle();
  await sleep(rttMs / 2);
  return lives;
}

function pick<T>(items: readonly T[], index: number): T | undefined {
  return items[index % items.length];
}
