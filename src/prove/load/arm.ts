import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../facts/ledger.js";
import type { RequestTemplate } from "../request/request.js";
import { runExpect } from "./clients/expect.js";
import { runH2Idle } from "./clients/h2-idle.js";
import { runHalfHead } from "./clients/half-head.js";
import { runIdle } from "./clients/idle.js";
import { runPipeline } from "./clients/pipeline.js";
import { runSilent } from "./clients/silent.js";
import { runSlow } from "./clients/slow.js";
import { runStalled } from "./clients/stalled.js";
import { runUpload } from "./clients/upload.js";
import { defer } from "./defer.js";
import type { Position } from "./position.js";
import type { Target } from "./protocol.js";
import type { Run } from "./run.js";

// A service that needs longer to answer an idle connection's first request is signalled anyway, and
// cannot be judged.
const PATIENCE_MS = 30_000;
// Lets what was just written get from the kernel into the service's event loop.
const SETTLE_MS = 50;

type Begin = (run: Run, position: Position, index: number) => Promise<void>;

/**
 * Brings the special clients into position: idle, silent, half a head sent, slow request and upload
 * begun, and so on. A kind takes part when there is something for it to ask. Returns their lives,
 * each of which ends when its connection does.
 */
export async function arm(run: Run, target: Target): Promise<Promise<void>[]> {
  const { requests, slow, uploads, pipelined, expecting, stalled, h2, counts, rttMs } = run.plan;
  const { promise: settled, resolve: settle } = defer<void>();
  const lives: Promise<void>[] = [];
  const places: Promise<void>[] = [];
  const untilReached = async (): Promise<void> => {
    await Promise.race([Promise.all(places.splice(0)), sleep(PATIENCE_MS)]);
  };
  const start = (client: Client, templates: readonly RequestTemplate[], begin: Begin): void => {
    const count = templates.length === 0 ? 0 : counts[client];
    for (let index = 0; index < count; index += 1) {
      const { promise: place, resolve: reached } = defer<void>();
      lives.push(begin(run, { target, reached, settled }, index).finally(reached));
      places.push(place);
    }
  };
  start("idle", requests, runIdle);
  start("silent", requests, runSilent);
  start("half-head", requests, runHalfHead);
  start("upload", uploads, runUpload);
  start("expect", expecting, runExpect);
  start("stalled", stalled, runStalled);
  start("h2-idle", h2, runH2Idle);
  await untilReached();
  // Last: what is asked here is answered in the service's own time, and has to be in flight still.
  start("slow", slow.length > 0 ? slow : requests, runSlow);
  start("pipeline", pipelined, runPipeline);
  await untilReached();
  await sleep(SETTLE_MS);
  settle();
  await sleep(rttMs / 2);
  return lives;
}
