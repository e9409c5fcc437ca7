// Pool clients that are begun together do not send together: at a signal some are in flight, some are not.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runPool } from "#src/prove/load/clients/pool.js";
import { unlessStalled } from "../../harness/unless-stalled.js";
import { openRun, serveRaw, targetOn } from "./open-run.js";

const RTT_MS = 200;
const CLIENTS = 40;
const PARTS = 8;

/** The share of requests in the fullest of eight parts of a round: 1 in 8 when spread evenly, 1 in step. */
function measureCrowd(instants: readonly number[]): number {
  const counts = Array.from({ length: PARTS }, () => 0);
  for (const at of instants) {
    const part = Math.floor(((at % RTT_MS) / RTT_MS) * PARTS);
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return Math.max(...counts) / instants.length;
}

/** When each client sent its first request. */
async function listFirsts(t: TestContext): Promise<number[]> {
  const { run } = openRun({ rttMs: RTT_MS, thinkMs: 1, maxRequests: 100_000 });
  const port = await serveRaw(t, (socket) =>
    socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")),
  );
  run.route.set([targetOn(port)]);
  const lives = Array.from({ length: CLIENTS }, (_, index) => runPool(run, index, () => {}));
  await sleep(2_000);
  run.stop();
  await Promise.all(lives);
  const firsts = new Map<number, number>();
  for (const { connection, sentAt } of run.recorder.entries) {
    if (sentAt !== null && !firsts.has(connection)) firsts.set(connection, sentAt);
  }
  assert.equal(firsts.size, CLIENTS);
  return [...firsts.values()];
}

test("pool clients at a long round trip are spread over it", async (t) => {
  // A machine that holds all of them up for a while has them begin together; without the spread they always do.
  const firsts = await unlessStalled(
    () => listFirsts(t),
    (instants) => measureCrowd(instants) >= 0.5,
  );
  const crowd = measureCrowd(firsts);
  assert.ok(crowd < 0.5, `${String(Math.round(crowd * 100))} % send in one eighth of a round`);
  // Control: begun together they all do.
  assert.equal(measureCrowd(Array.from({ length: CLIENTS }, (_, at) => 1_000 + at / CLIENTS)), 1);
});
