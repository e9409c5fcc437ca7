import assert from "node:assert/strict";
import { once } from "node:events";
import type http from "node:http";
import type { Socket } from "node:net";
import { test } from "node:test";

import { plain, serve } from "../harness/serve.js";
import { connect, type Target, type Wire } from "../harness/wire.js";

const COUNT = 60;
const SPREAD = 600;

const answer: http.RequestListener = (_req, res) => res.end("ok");

/** Connections that have had one answer and were promised more. */
async function idle(target: Target, count = COUNT): Promise<Wire[]> {
  const wires = await Promise.all(Array.from({ length: count }, () => connect(target)));
  for (const wire of wires) {
    await wire.get("/first");
    await wire.response();
  }
  return wires;
}

/** When each of them was ended, by the client's clock. */
function endsOf(wires: readonly Wire[]): Promise<number[]> {
  return Promise.all(
    wires.map(async (wire) => {
      assert.equal(await wire.ended(), "fin");
      return performance.now();
    }),
  );
}

for (const tls of [false, true]) {
  const over = tls ? ", over TLS" : "";

  test(`36. idle FINs spread over a window, so that clients do not all reconnect at once${over}`, async (t) => {
    const { service, target } = await serve(t, answer, {
      tls,
      timeouts: { idle: 50 },
      closeSpread: SPREAD,
    });
    const wires = await idle(target);

    const begun = performance.now();
    const [ends, report] = await Promise.all([endsOf(wires), service.drain()]);

    const last = Math.max(...ends) - begun;
    assert.ok(last >= SPREAD * 0.8, `the last went after ${last} ms`);
    for (const end of ends) {
      const near = ends.filter((other) => other >= end && other < end + SPREAD / 10);
      assert.ok(near.length <= COUNT * 0.8, `${near.length} at once`);
    }
    assert.equal(report.outcome, "clean");
    assert.equal(report.connections.idleClosed, COUNT);
  });
}

test("36. one that is asked something while it waits for its turn answers with close", async (t) => {
  const { service, target } = await serve(t, answer, {
    timeouts: { idle: 10 },
    closeSpread: 2_000,
  });
  const wires = await idle(target);
  const first = Promise.race(wires.map((wire) => wire.ended()));
  const drained = service.drain();
  await first;

  for (const wire of wires.filter(({ end }) => end === "open")) await wire.get("/second");

  let answered = 0;
  for (const wire of wires) {
    // Those that are closed at this moment lose the race that no server can win (RFC 9112 §9.5).
    const response = await wire.response().catch(() => undefined);
    if (response === undefined) continue;
    assert.equal(response.headers.get("connection"), "close");
    answered++;
  }
  assert.ok(answered >= COUNT - 10, `${answered} of ${COUNT}`);
  const { outcome, connections } = await drained;
  assert.equal(outcome, "clean");
  assert.equal(connections.idleClosed, COUNT - answered);
});

test("36. few → no storm to be spread, nobody waits for the window", async (t) => {
  const { service, target } = await serve(t, answer, {
    timeouts: { idle: 10 },
    closeSpread: 10_000,
  });
  await idle(target, 3);

  const { durationMs } = await service.drain();

  assert.ok(durationMs < 5_000, `${durationMs} ms`);
});

test("36. (control: a plain server's close() ends all of them in one turn)", async (t) => {
  const { server, target } = await plain(t, answer);
  const raws: Socket[] = [];
  server.on("connection", (raw) => raws.push(raw));
  await idle(target);
  const closed = once(server, "close");

  server.close();

  assert.equal(raws.filter(({ destroyed }) => destroyed).length, COUNT);
  await closed;
});
