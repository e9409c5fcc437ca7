import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Hold } from "../harness/hold.js";
import { serve } from "../harness/serve.js";
import { connect, type Target, type Wire } from "../harness/wire.js";

/** How long a client that sends nothing is listened to, in ms. */
const LINGER = 2_000;

const CHUNK = "x".repeat(100);
/** More than one has the time to send. */
const CHUNKS = 100;

interface Upload {
  readonly wire: Wire;
  /** Answers early: nobody reads the body. */
  answer(): void;
  /** Resolves to how long after its answer the server closed the connection, in ms. */
  readonly closed: Promise<number>;
}

async function begin(target: Target, hold: Hold, chunks: number): Promise<Upload> {
  const wire = await connect(target, { allowHalfOpen: true });
  const length = chunks * CHUNK.length;
  await wire.send(`POST / HTTP/1.1\r\nHost: test\r\nContent-Length: ${length}\r\n\r\n`);
  const { req, res } = await hold.next();
  let answeredAt = 0;
  const answer = (): void => {
    answeredAt = performance.now();
    res.writeHead(503).end("stopping");
  };
  const closed = once(req.socket, "close").then(() => performance.now() - answeredAt);
  return { wire, answer, closed };
}

/** Sends chunks for as long as `isEnough` says no and the server takes them; resolves to how many. */
async function send({ wire }: Upload, isEnough: () => boolean): Promise<number> {
  let sent = 0;
  for (; !isEnough() && wire.error === undefined; sent++) {
    await wire.send(CHUNK);
    await sleep(50);
  }
  return sent;
}

test("an answered upload is read on while it moves, and no longer than to the abort instant", async (t) => {
  const hold = new Hold();
  const windows = { gracePeriod: 6_000, abortWindow: 1_500, closingWindow: 100, margin: 100 };
  const { service, target } = await serve(t, hold.app, windows);
  const comesToItsEnd = await begin(target, hold, CHUNKS);
  const neverEnds = await begin(target, hold, 1e6);
  const standsStill = await begin(target, hold, 1e6);
  const drained = service.drain();
  for (const each of [comesToItsEnd, neverEnds, standsStill]) each.answer();
  const answeredAt = performance.now();
  const sending = send(neverEnds, () => false);

  const sent = await send(comesToItsEnd, () => performance.now() > answeredAt + LINGER + 600);
  comesToItsEnd.wire.socket.end(CHUNK.repeat(CHUNKS - sent));

  assert.equal((await comesToItsEnd.wire.response()).status, 503);
  assert.equal(comesToItsEnd.wire.error, undefined);
  assert.ok((await comesToItsEnd.closed) > LINGER + 500);
  const [stillFor, movedFor] = [await standsStill.closed, await neverEnds.closed];
  assert.ok(stillFor >= LINGER && stillFor < movedFor, `closed after ${stillFor} ms`);
  assert.ok(movedFor > LINGER + 1_000, `closed after ${movedFor} ms`);
  const { outcome, phases, connections } = await drained;
  assert.ok(phases.some(({ phase }) => phase === "aborting"));
  assert.deepEqual([outcome, connections.cut], ["clean", 0]);
  await sending;
});
