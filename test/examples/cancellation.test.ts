import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { writeFileSync } from "node:fs";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import path from "node:path";
import { after, test, type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { ClientGoneError, TimeoutError, type LastcallOptions } from "lastcall";

import { plain, serve } from "../harness/serve.js";
import { connect, withResolvers, type Wire } from "../harness/wire.js";
import { temporaryFolder } from "../package/project.js";
import { Patterns } from "./patterns.js";

const patterns = new Patterns("docs/cancellation.md", "examples/cancellation");

after(() => patterns.check());

type Handle = (req: IncomingMessage, res: ServerResponse) => Promise<unknown>;

interface Asked {
  client: Wire;
  /** What the handler threw, or "done". */
  end: Promise<unknown>;
}

/** Asks once; the handler has begun when it resolves. */
async function ask(t: TestContext, handle: Handle, options: LastcallOptions = {}): Promise<Asked> {
  const { promise: begun, resolve: begin } = withResolvers<void>();
  const { promise: end, resolve: settle } = withResolvers<unknown>();
  const app = (req: IncomingMessage, res: ServerResponse): void => {
    handle(req, res).then(() => settle("done"), settle);
    begin();
  };
  const { target } = await serve(t, app, options);
  const client = await connect(target);
  t.after(() => client.close());
  await client.get("/");
  await begun;
  return { client, end };
}

/** Why a handler that was given up ended: Node's own functions have the signal's reason as the cause. */
function reasonOf(thrown: unknown): unknown {
  return thrown instanceof Error && thrown.name === "AbortError" ? thrown.cause : thrown;
}

/** A server that never answers, and says when it is asked and when its client has gone. */
async function silent(
  t: TestContext,
): Promise<{ url: string; asked: Promise<unknown>; left: Promise<unknown> }> {
  const { promise: left, resolve: leave } = withResolvers<unknown>();
  const { promise: asked, resolve: ask } = withResolvers<unknown>();
  const { target } = await plain(t, (req) => {
    req.on("close", leave);
    ask(undefined);
  });
  return { url: `http://127.0.0.1:${target.port}/`, asked, left };
}

test("node:timers/promises", async (t) => {
  const { answerLater } = await patterns.use<{ answerLater: Handle }>("timers.js");
  const whole = await ask(t, answerLater);
  assert.equal((await whole.client.response()).body, "done");
  const left = await ask(t, answerLater);
  left.client.close();
  assert.ok(reasonOf(await left.end) instanceof ClientGoneError);
});

test("sleep", async (t) => {
  const { untilReady } = await patterns.use<{
    untilReady: (isReady: () => Promise<boolean>) => Promise<void>;
  }>("sleep.js");
  await untilReady(() => Promise.resolve(true));
  const { client, end } = await ask(t, () => untilReady(() => Promise.resolve(false)), {
    currentSignal: true,
  });
  client.close();
  assert.ok((await end) instanceof ClientGoneError);
});

test("fetch: the peer sees the connection close", async (t) => {
  const { fetchStock } = await patterns.use<{ fetchStock: (url: string) => Promise<unknown> }>(
    "fetch.js",
  );
  const { url, asked, left } = await silent(t);
  const { client, end } = await ask(t, () => fetchStock(url), { currentSignal: true });
  await asked;
  client.close();
  await left;
  assert.ok((await end) instanceof ClientGoneError);
  const { target } = await plain(t, (_req, res) => res.end("7"));
  assert.equal(await fetchStock(`http://127.0.0.1:${target.port}/`), 7);
});

test("events.once: no listener is left", async (t) => {
  const { answerNext } = await patterns.use<{
    answerNext: (messages: EventEmitter, ...args: Parameters<Handle>) => Promise<void>;
  }>("events.js");
  const messages = new EventEmitter();
  const whole = await ask(t, (req, res) => answerNext(messages, req, res));
  messages.emit("message", "hello");
  assert.equal((await whole.client.response()).body, "hello");
  const left = await ask(t, (req, res) => answerNext(messages, req, res));
  assert.equal(messages.listenerCount("message"), 1);
  left.client.close();
  assert.ok(reasonOf(await left.end) instanceof ClientGoneError);
  assert.equal(messages.listenerCount("message"), 0);
});

test("stream pipeline", async (t) => {
  const { sendCompressed } = await patterns.use<{
    sendCompressed: (file: string, ...args: Parameters<Handle>) => Promise<void>;
  }>("pipeline.js");
  const file = path.join(temporaryFolder(t), "large");
  // More than the buffers on the way hold, and not to be compressed.
  writeFileSync(file, randomBytes(32 * 1024 * 1024));
  const { client, end } = await ask(t, (req, res) => sendCompressed(file, req, res));
  await client.sees("gzip");
  client.socket.pause();
  client.close();
  const thrown = await end;
  // The response may be found closed before the signal is seen.
  const isClosed = (thrown as NodeJS.ErrnoException).code === "ERR_STREAM_PREMATURE_CLOSE";
  assert.ok(isClosed || reasonOf(thrown) instanceof ClientGoneError, String(thrown));
});

test("withTimeout: in time, too late, and the client gone first", async (t) => {
  const { searchInTime } = await patterns.use<{
    searchInTime: (
      req: IncomingMessage,
      search: (signal: AbortSignal) => Promise<unknown>,
    ) => Promise<unknown>;
  }>("deadline.js");
  const never = (signal: AbortSignal): Promise<unknown> => pause(60_000, undefined, { signal });
  const inTime = await ask(t, async (req, res) => {
    res.end(await searchInTime(req, () => Promise.resolve("found")));
  });
  const late = await ask(t, (req) => searchInTime(req, never));
  const left = await ask(t, (req) => searchInTime(req, never));
  left.client.close();
  assert.equal((await inTime.client.response()).body, "found");
  assert.ok(reasonOf(await left.end) instanceof ClientGoneError);
  assert.ok(reasonOf(await late.end) instanceof TimeoutError);
});

test("anySignal: gives up with the one or the other", async (t) => {
  interface Warehouse {
    lost: AbortSignal;
    reserve: (id: string, signal: AbortSignal) => Promise<void>;
  }
  const { reserve } = await patterns.use<{
    reserve: (warehouse: Warehouse, req: IncomingMessage, id: string) => Promise<void>;
  }>("any.js");
  const connection = new AbortController();
  const warehouse: Warehouse = {
    lost: connection.signal,
    reserve: (_id, signal) => pause(60_000, undefined, { signal }),
  };
  const lost = await ask(t, (req) => reserve(warehouse, req, "1"));
  const left = await ask(t, (req) => reserve(warehouse, req, "2"));
  left.client.close();
  assert.ok(reasonOf(await left.end) instanceof ClientGoneError);
  connection.abort("lost");
  assert.equal(reasonOf(await lost.end), "lost");
});

test("p-retry: neither an attempt nor the wait for one goes on", async (t) => {
  const { fetchPrice } = await patterns.use<{
    fetchPrice: (url: string, signal: AbortSignal) => Promise<string>;
  }>("retry.js");
  const tried = new EventEmitter();
  const { target } = await plain(t, (_req, res) => {
    res.writeHead(503).end();
    tried.emit("try");
  });
  const controller = new AbortController();
  const reason = new ClientGoneError();
  const trying = fetchPrice(`http://127.0.0.1:${target.port}/`, controller.signal);
  await once(tried, "try");
  controller.abort(reason);
  await assert.rejects(trying, reason);

  const { url, asked, left } = await silent(t);
  const second = new AbortController();
  const waiting = fetchPrice(url, second.signal);
  await asked;
  second.abort(reason);
  await assert.rejects(waiting, reason);
  await left;
});

type InTurn = (
  run: (signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
) => Promise<unknown>;

for (const [name, file, isAtOnce] of [
  ["p-queue", "queue.js", true],
  ["p-limit", "limit.js", false],
] as const) {
  test(`${name}: who waits and gives up is not run`, async () => {
    const exported = await patterns.use<Record<string, InTurn>>(file);
    const [inTurn] = Object.values(exported) as [InTurn];
    const { promise: mayEnd, resolve: end } = withResolvers<string>();
    const [first, second] = [new AbortController(), new AbortController()];
    const running = inTurn(() => mayEnd, first.signal);
    let isRun = false;
    const waiting = inTurn(() => Promise.resolve((isRun = true)), second.signal);
    const gaveUp = assert.rejects(waiting, ClientGoneError);
    second.abort(new ClientGoneError());
    if (isAtOnce) await gaveUp;
    end("printed");
    await gaveUp;
    assert.deepEqual([await running, isRun], ["printed", false]);
    const third = new AbortController();
    const told = inTurn((signal) => pause(60_000, undefined, { signal }), third.signal);
    await new Promise(setImmediate);
    third.abort(new ClientGoneError());
    await assert.rejects(told, (thrown) => reasonOf(thrown) instanceof ClientGoneError);
  });
}

test("(control: without the signal the handler goes on when its client is gone)", async (t) => {
  const { promise, resolve } = withResolvers<string>();
  const { client } = await ask(t, async (req) => {
    await once(req.socket, "close");
    await pause(50);
    resolve("went on");
  });
  client.close();
  assert.equal(await promise, "went on");
  http.globalAgent.destroy();
});
