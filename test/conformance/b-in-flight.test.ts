import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import express from "express";

import { Hold } from "../harness/hold.js";
import { plain, serve } from "../harness/serve.js";
import { connect, type Target, type Wire } from "../harness/wire.js";

/** Answers on a connection of its own: whatever arrived before it has been read when it resolves. */
async function openWitness(target: Target, hold: Hold): Promise<() => Promise<void>> {
  const witness = await connect(target);
  return async () => {
    await witness.get("/witness");
    const { res } = await hold.next();
    res.end("seen");
    await witness.response();
  };
}

/** A handler that reads a request's body, and lets the test wait for a part of it. */
class Reader {
  body = "";
  readonly whole: Promise<unknown>;
  readonly #req: IncomingMessage;

  constructor(req: IncomingMessage) {
    this.#req = req.setEncoding("latin1").on("data", (text: string) => (this.body += text));
    this.whole = once(req, "end");
  }

  async has(length: number): Promise<void> {
    while (this.body.length < length) await once(this.#req, "data");
  }
}

async function readBody(req: IncomingMessage): Promise<string> {
  const reader = new Reader(req);
  await reader.whole;
  return reader.body;
}

/** How long until the server ended the connection, from now. */
async function timeToEnd(wire: Wire): Promise<number> {
  const since = performance.now();
  assert.equal(await wire.ended(), "fin");
  return performance.now() - since;
}

for (const tls of [false, true]) {
  const over = tls ? ", over TLS" : "";

  test(`12. in-flight completes: 200, \`Connection: close\`, EOF within 2 s${over}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls });
    const wire = await connect(target);
    await wire.get("/report");
    const { res } = await hold.next();

    const drained = service.drain();
    res.end("the report");

    const response = await wire.response();
    assert.equal(response.status, 200);
    assert.equal(response.body, "the report");
    assert.equal(response.headers.get("connection"), "close");
    assert.ok((await timeToEnd(wire)) < 2_000);
    assert.equal((await drained).outcome, "clean");
  });

  test(`15. half a body at D, completed later → 200 and close, handler saw the whole body${over}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls });
    const wire = await connect(target);
    const body = "0123456789".repeat(1_000);
    await wire.send(
      `POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await wire.send(body.slice(0, 5_000));
    const { req, res } = await hold.next();
    const reader = new Reader(req);
    await reader.has(5_000);

    const drained = service.drain();
    assert.equal(reader.body.length, 5_000);
    await wire.send(body.slice(5_000));
    await reader.whole;
    res.end(`${reader.body.length} bytes`);

    const response = await wire.response();
    assert.equal(reader.body, body);
    assert.equal(response.status, 200);
    assert.equal(response.body, "10000 bytes");
    assert.equal(response.headers.get("connection"), "close");
    assert.equal(await wire.ended(), "fin");
    assert.equal((await drained).outcome, "clean");
  });
}

test("12. (control: a plain server's close() announces nothing, and the connection stays)", async (t) => {
  const hold = new Hold();
  const { server, target } = await plain(t, hold.app);
  const wire = await connect(target);
  await wire.get("/report");
  const { res } = await hold.next();

  server.close();
  res.end("the report");

  assert.equal((await wire.response()).headers.get("connection"), "keep-alive");
  // And it goes on serving there, as if it had not been told to stop.
  await wire.get("/again");
  (await hold.next()).res.end("again");
  assert.equal((await wire.response()).headers.get("connection"), "keep-alive");
});

for (const framing of ["Content-Length", "chunked"] as const) {
  test(`13. headers already sent at D: body complete, then EOF (${framing})`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { timeouts: { idle: 50 } });
    const wire = await connect(target);
    await wire.get("/export");
    const { res } = await hold.next();
    if (framing === "Content-Length") res.setHeader("Content-Length", 11);
    res.write("first ");
    await wire.sees("first ");

    const drained = service.drain();
    res.end("later");

    const response = await wire.response();
    assert.equal(response.body, "first later");
    // The head was on its way already; nothing may be promised after the fact.
    assert.equal(response.headers.get("connection"), "keep-alive");
    assert.equal(await wire.ended(), "fin");
    assert.equal(wire.rest, "");
    assert.equal((await drained).outcome, "clean");
  });
}

test("14. half a request head at D, completed later → 200 and close", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const witness = await openWitness(target, hold);
  const [fresh, used] = [await connect(target), await connect(target)];
  await used.get("/first");
  (await hold.next()).res.end();
  await used.response();
  for (const wire of [fresh, used]) await wire.send("GET /half HTTP/1.1\r\nHo");
  await witness();

  const drained = service.drain();
  for (const wire of [fresh, used]) {
    await wire.send("st: test\r\n\r\n");
    const { req, res } = await hold.next();
    assert.equal(req.url, "/half");
    res.end("whole");
    const response = await wire.response();
    assert.equal(response.status, 200);
    assert.equal(response.body, "whole");
    assert.equal(response.headers.get("connection"), "close");
    assert.equal(await wire.ended(), "fin");
  }
  assert.equal((await drained).outcome, "clean");
});

test("17. `Expect: 100-continue` pending at D → completes", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const wire = await connect(target);
  await wire.send(
    "POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
  );
  const { req, res } = await hold.next();
  assert.equal((await wire.response()).status, 100);

  const drained = service.drain();
  await wire.send("hello");
  res.end(await readBody(req));

  const response = await wire.response();
  assert.equal(response.status, 200);
  assert.equal(response.body, "hello");
  assert.equal(response.headers.get("connection"), "close");
  assert.equal(await wire.ended(), "fin");
  assert.equal((await drained).outcome, "clean");
});

test("17. `Expect: 100-continue` pending at D, the application decides → continues or refuses", async (t) => {
  const hold = new Hold();
  const refuseOthers: typeof hold.app = (_req, res) => res.writeHead(500).end();
  const { service, server, target } = await serve(t, refuseOthers);
  server.on("checkContinue", hold.app);
  const head =
    "POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  const wanted = await connect(target);
  await wanted.send(head);
  const first = await hold.next();
  const unwanted = await connect(target);
  await unwanted.send(head);
  const second = await hold.next();

  const drained = service.drain();
  first.res.writeContinue();
  assert.equal((await wanted.response()).status, 100);
  await wanted.send("hello");
  first.res.end(await readBody(first.req));
  second.res.writeHead(417).end();

  const response = await wanted.response();
  assert.equal(response.status, 200);
  assert.equal(response.body, "hello");
  assert.equal(response.headers.get("connection"), "close");
  assert.equal(await wanted.ended(), "fin");
  const refusal = await unwanted.response();
  assert.equal(refusal.status, 417);
  assert.equal(refusal.headers.get("connection"), "close");
  assert.equal(await unwanted.ended(), "fin");
  assert.equal((await drained).outcome, "clean");
});

test("18. HTTP/1.0 keep-alive → close", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const [sized, unsized] = [await connect(target), await connect(target)];
  const held = [];
  for (const wire of [sized, unsized]) {
    await wire.send("GET / HTTP/1.0\r\nHost: test\r\nConnection: keep-alive\r\n\r\n");
    held.push(await hold.next());
  }

  const drained = service.drain();
  held[0]?.res.setHeader("Content-Length", 5).end("hello");
  held[1]?.res.write("hel");
  held[1]?.res.end("lo");

  for (const wire of [sized, unsized]) {
    const response = await wire.response();
    assert.equal(response.body, "hello");
    assert.equal(response.headers.get("connection"), "close");
    assert.equal(response.headers.get("transfer-encoding"), undefined);
    assert.equal(await wire.ended(), "fin");
    assert.equal(wire.rest, "");
  }
  assert.equal((await drained).outcome, "clean");
});

for (const [method, status] of [
  ["HEAD", 200],
  ["GET", 204],
  ["GET", 304],
] as const) {
  test(`18. ${method} ${status} → close with correct framing`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app);
    const wire = await connect(target);
    await wire.send(`${method} / HTTP/1.1\r\nHost: test\r\n\r\n`);
    const { res } = await hold.next();

    const drained = service.drain();
    if (method === "HEAD") res.setHeader("Content-Length", 1_000);
    res.writeHead(status).end();

    const response = await wire.response(method);
    assert.equal(response.status, status);
    assert.equal(response.headers.get("connection"), "close");
    assert.equal(response.headers.get("transfer-encoding"), undefined);
    assert.equal(response.headers.get("content-length"), method === "HEAD" ? "1000" : undefined);
    assert.equal(await wire.ended(), "fin");
    assert.equal(wire.rest, "");
    assert.equal((await drained).outcome, "clean");
  });
}

test("21. handler throws after D → 500 and close, in-flight count back to 0", async (t) => {
  const hold = new Hold();
  const app = express();
  // Its error page says what was thrown; its log on stderr would only litter the test's.
  app.set("env", "test");
  app.get("/late", async (req, res) => {
    await new Promise<void>((resolve) => {
      hold.app(req, res);
      req.once("go", resolve);
    });
    throw new Error("after D");
  });
  app.get("/sync", () => {
    throw new Error("at once");
  });
  const { service, target } = await serve(t, app, { timeouts: { idle: 5_000 } });
  const [late, sync] = [await connect(target), await connect(target)];
  await late.get("/late");
  const { req } = await hold.next();
  let inFlight = 0;
  service.on("drain-start", (event) => (inFlight = event.inFlight));

  const drained = service.drain();
  assert.equal(inFlight, 1);
  await sync.get("/sync");
  req.emit("go");

  for (const wire of [late, sync]) {
    const response = await wire.response();
    assert.equal(response.status, 500);
    assert.equal(response.headers.get("connection"), "close");
    assert.equal(await wire.ended(), "fin");
  }
  // Were one still counted, the drain would wait for it and cut it.
  assert.equal((await drained).outcome, "clean");
});
