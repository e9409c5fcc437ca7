import { setTimeout as sleep } from "node:timers/promises";
import { runHalfHead } from "./clients/half-head.js";
import { runIdle } from "./clients/idle.js";
import { runSilent } from "./clients/silent.js";
import { runSlow } from "./clients/slow.js";
import { runUpload } from "./clients/upload.js";
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
  const lives: Promise<void>[] = [];
  const places: Promise<void>[] = [];
  const start = (client: Client, begin: Start): void => {
    for (let index = 0; index < counts[client]; index += 1) {
      places.push(
        new Promise((reached) => {
          lives.push(begin({ target, reached }, index).finally(reached));
        }),
      );
    }
  };
  start("idle", (position, index) => runIdle(run, position, index));
  start("silent", (position, index) => runSilent(run, position, index));
  start("half-head", (position, index) => runHalfHead(run, position, index));
  if (uploads.length > 0)
    start(
      "upload",
      each(uploads, (p, template) => runUpload(run, p, template)),
    );
  if (slow.length > 0)
    start(
      "slow",
      each(slow, (p, template) => runSlow(run, p, template)),
    );
  await Promise.race([Promise.all(places), sleep(PATIENCE_MS, undefined, { ref: false })]);
  await sleep(rttMs / 2 + SETTLE_MS);
  // Without a slow endpoint: ordinary requests sent at the last moment, so that they are on the
  // wire or with the service when the signal comes.
  if (slow.length === 0) start("slow", (position) => runSlow(run, position, run.nextRequest()));
  return lives;
}

function each<T>(
  items: readonly T[],
  begin: (position: Position, item: T) => Promise<void>,
): Start {
  return async (position, index) => {
    const item = items[index % items.length];
    if (item !== undefined) await begin(position, item);
  };
}
