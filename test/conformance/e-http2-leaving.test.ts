import assert from "node:assert/strict";
import { once } from "node:events";
import type { ClientHttp2Session, ClientHttp2Stream, ServerHttp2Stream } from "node:http2";
import { test, type TestContext } from "node:test";

import { GOAWAY, openFrames } from "../harness/frames.js";
import { Hold } from "../harness/hold.js";
import {
  ask,
  closeOf,
  createHttp2,
  goaway,
  HoldStreams,
  listenHttp2,
  openSession,
  serveHttp2,
  type Answer,
} from "../harness/http2.js";

const CLIENTS = 12;
const ORDERS = 25;

/** A client of orders: one at a time, each sent again only where the server said that this is safe. */
async function order(
  name: string,
  connect: () => Promise<ClientHttp2Session>,
  seen: (answer: Answer) => void,
): Promise<void> {
  let session = await connect();
  for (let i = 0; i < ORDERS; i++) {
    const id = `${name}-${i}`;
    let answer = await ask(session, "/orders", { method: "POST", body: id });
    while (answer.isRetrySafe) {
      session = await connect();
      answer = await ask(session, "/orders", { method: "POST", body: id });
    }
    seen(answer);
  }
}

/** Two servers that take orders, the second in the place of the first once `stop` has stopped it. */
async function restart(
  t: TestContext,
  stop: "drain" | "destroy",
): Promise<{ taken: string[]; sent: number; failures: number }> {
  const taken: string[] = [];
  let failures = 0;
  let inFlight = 0;
  let isStopped = false;
  const app: Hold["app"] = (req, res) => {
    let body = "";
    req.on("data", (chunk: Buffer) => (body += String(chunk)));
    req.on("end", () => {
      taken.push(body);
      inFlight++;
      // In the thick of it: every client has begun, none is done, and several wait for an answer.
      if (!isStopped && taken.length > CLIENTS * 5 && inFlight >= 4) stopOld();
      setTimeout(() => {
        inFlight--;
        res.end();
      }, 2);
    });
  };
  const old = await serveHttp2(t, { compat: app });
  const sessions: { destroy(): void }[] = [];
  old.server.on("session", (session) => sessions.push(session));
  const replacement = createHttp2({ compat: app });
  const next = await listenHttp2(replacement);
  t.after(() => replacement.close());
  let { url } = old;
  const stopOld = (): void => {
    isStopped = true;
    ({ url } = next);
    if (stop === "drain") void old.service.drain();
    else for (const session of sessions) session.destroy();
  };
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    order(
      String(index),
      () => openSession(t, url),
      ({ isWhole }) => {
        if (!isWhole) failures++;
      },
    ),
  );
  await Promise.all(clients);
  assert.ok(isStopped);
  return { taken, sent: CLIENTS * ORDERS, failures };
}

test("54. a retrying client → 0 visible failures with POST", async (t) => {
  const { taken, sent, failures } = await restart(t, "drain");

  assert.equal(failures, 0);
  assert.equal(taken.length, sent);
  assert.equal(new Set(taken).size, sent);
});

test("54. (control: sessions that are destroyed lose orders that no client may send again)", async (t) => {
  const { failures } = await restart(t, "destroy");

  assert.ok(failures > 0);
});

test("idle sessions are told one after the other over the lame duck, not all at once", async (t) => {
  const { service, url } = await serveHttp2(
    t,
    { compat: (_req, res) => res.end() },
    { lameDuck: { min: 1_500, max: 1_500 } },
  );
  const sessions = await Promise.all(Array.from({ length: 10 }, () => openSession(t, url)));
  for (const session of sessions) await ask(session, "/");
  const told: number[] = [];
  for (const session of sessions) session.once("goaway", () => told.push(performance.now()));

  const start = performance.now();
  const { outcome } = await service.drain();

  assert.equal(outcome, "clean");
  assert.equal(told.length, 10);
  const gaps = told.map((at, index) => at - (told[index - 1] ?? start));
  // Evenly spread, one follows the other after 150 ms; a slow machine may bunch a few.
  assert.ok(gaps.filter((gap) => gap > 50).length >= 5, String(gaps));
});

test("in the lame duck a busy session is told at its first quiet moment, and one that comes then is told too", async (t) => {
  const hold = new Hold();
  const { service, target } = await serveHttp2(
    t,
    { compat: hold.app },
    { lameDuck: { max: 60_000 }, gracePeriod: 120_000, timeouts: { idle: 2_000 } },
  );
  const busy = await openFrames(target);
  await busy.request(1, "GET", "/one");
  const first = await hold.next();

  const drained = service.drain();
  // More work comes while the first is in flight: all of it is served.
  await busy.request(3, "GET", "/three");
  const second = await hold.next();
  first.res.end();
  await busy.response(1);
  assert.deepEqual(busy.goaways, []);
  second.res.end();
  await busy.response(3);
  await busy.sees(GOAWAY);
  assert.deepEqual(busy.goaways[0], { last: 3, code: 0 });
  assert.equal(await busy.wire.ended(), "fin");

  const fresh = await openFrames(target);
  await fresh.request(1, "GET", "/fresh");
  const unused = await openFrames(target);
  (await hold.next()).res.end("served");
  assert.equal((await fresh.response(1)).body, "served");
  await fresh.sees(GOAWAY);
  assert.deepEqual(fresh.goaways[0], { last: 1, code: 0 });
  await unused.sees(GOAWAY);
  assert.equal(await unused.wire.ended(), "fin");
  assert.equal(service.phase, "lame-duck");
  await service.abort();
  await drained;
});

test("a session without a quiet moment in the lame duck is told when the listener closes", async (t) => {
  const hold = new Hold();
  const { service, url } = await serveHttp2(t, { compat: hold.app }, { lameDuck: { max: 50 } });
  const session = await openSession(t, url);
  const answer = ask(session, "/long");
  const { res } = await hold.next();
  const told = goaway(session);
  let isListening = true;
  service.on("listeners-closed", () => (isListening = false));

  const drained = service.drain();
  await told;
  assert.equal(isListening, false);
  res.end("whole");

  assert.equal(String((await answer).body), "whole");
  assert.equal((await drained).outcome, "clean");
});

for (const tls of [false, true]) {
  test(`sessions of a server that is attached late are drained too (${tls ? "over TLS" : "h2c"})`, async (t) => {
    const hold = new Hold();
    const { service } = await serveHttp2(t, { compat: hold.app }, { gracePeriod: 60_000 });
    const server = createHttp2({ compat: hold.app }, { tls });
    const { url } = await listenHttp2(server, tls);
    const [busy, idle] = [await openSession(t, url), await openSession(t, url)];
    const before = ask(busy, "/before");
    const first = await hold.next();

    service.attach(server);
    const after = ask(busy, "/after?x");
    const second = await hold.next();
    // Before Node 24 nothing leads from a server to a session that is silent.
    if (Number(process.versions.node.split(".")[0]) < 24) idle.destroy();
    const drained = service.drain();
    await goaway(busy);
    first.res.end("before");
    second.res.end("after");

    assert.equal(String((await before).body), "before");
    assert.equal(String((await after).body), "after");
    const report = await drained;
    assert.equal(report.outcome, "clean");
    assert.equal(report.requests.inFlight, 1);
  });
}

test("a response that the application pushes is finished too", async (t) => {
  const hold = new HoldStreams();
  const { service, url } = await serveHttp2(t, { stream: hold.app });
  const session = await openSession(t, url);
  const pushed = new Promise<ClientHttp2Stream>((resolve) => session.once("stream", resolve));
  const answer = ask(session, "/");
  const { stream } = await hold.next();
  const push = await new Promise<ServerHttp2Stream>((resolve, reject) => {
    stream.pushStream({ ":path": "/style.css" }, (error, made) =>
      error === null ? resolve(made) : reject(error),
    );
  });
  push.respond({ ":status": 200 });
  const received = await pushed;
  let body = "";
  received.on("data", (chunk: Buffer) => (body += String(chunk)));

  const drained = service.drain();
  await goaway(session);
  stream.respond({ ":status": 200 });
  stream.end();
  assert.equal((await answer).status, 200);
  // Longer than a client that has nothing more to come may stay.
  setTimeout(() => push.end("pushed"), 700);
  await closeOf(received);

  assert.equal(body, "pushed");
  assert.equal((await drained).outcome, "clean");
});

test("the application's own server.close() waits for the drain, and undoes nothing", async (t) => {
  const hold = new Hold();
  const { service, server, url } = await serveHttp2(t, { compat: hold.app });
  const session = await openSession(t, url);
  const answer = ask(session, "/");
  const { res } = await hold.next();
  let isClosed = false;

  const drained = service.drain();
  server.close(() => (isClosed = true));
  await goaway(session);
  assert.equal(isClosed, false);
  res.end("whole");

  assert.equal(String((await answer).body), "whole");
  const { warnings } = await drained;
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ["foreign-close"],
  );
  assert.equal(isClosed, true);
});

test("a client that is gone in the middle of a stream counts as unfinished and holds nothing", async (t) => {
  const hold = new Hold();
  const { service, url } = await serveHttp2(t, { compat: hold.app });
  const session = await openSession(t, url);
  const answer = ask(session, "/");
  const { res } = await hold.next();
  const closed = once(res, "close");

  const drained = service.drain();
  await goaway(session);
  session.destroy();
  await closed;

  assert.equal((await answer).isWhole, false);
  const report = await drained;
  assert.equal(report.requests.unfinished, 1);
  assert.ok(report.durationMs < 10_000);
});
