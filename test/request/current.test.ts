import assert from "node:assert/strict";
import { AsyncResource } from "node:async_hooks";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import { test, type TestContext } from "node:test";

import express from "express";

import {
  ClientGoneError,
  currentRequest,
  currentSignal,
  DrainAbortedError,
  lastcall,
  requestSignal,
  sleep,
  type DrainReport,
} from "lastcall";

import { collect } from "../harness/collect.js";
import { ask, openSession, serveHttp2 } from "../harness/http2.js";
import { listen, QUIET, serve } from "../harness/serve.js";
import { connect, withResolvers } from "../harness/wire.js";

const SHORT = { gracePeriod: 1_000, abortWindow: 200, closingWindow: 300, margin: 100 };

/** Something that a handler calls, far down: it was not handed anything. */
async function far(): Promise<AbortSignal | undefined> {
  await new Promise(setImmediate);
  await Promise.resolve();
  return currentSignal();
}

test("currentSignal is the request's own, however far down, also with many at a time", async (t) => {
  const found: boolean[] = [];
  const app = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    assert.equal(currentSignal(), requestSignal(req));
    assert.equal(currentRequest(), req);
    found.push((await far()) === requestSignal(req));
    res.end();
  };
  const { target } = await serve(t, (req, res) => void app(req, res), { currentSignal: true });
  const clients = await Promise.all(Array.from({ length: 5 }, () => connect(target)));
  for (let round = 0; round < 3; round++) {
    await Promise.all(clients.map((client) => client.get("/")));
    await Promise.all(clients.map((client) => client.response()));
  }
  for (const client of clients) client.close();
  assert.deepEqual(
    found,
    Array.from({ length: 15 }, () => true),
  );
  assert.deepEqual([currentSignal(), currentRequest()], [undefined, undefined]);
});

test("currentSignal is undefined without the option, and outside of requests", async (t) => {
  const { promise, resolve } = withResolvers<unknown[]>();
  const { target } = await serve(t, (_req, res) => {
    resolve([currentSignal(), currentRequest()]);
    res.end();
  });
  const client = await connect(target);
  await client.get("/");
  assert.deepEqual(await promise, [undefined, undefined]);
  client.close();
});

for (const api of ["compat", "stream"] as const) {
  test(`currentSignal of HTTP/2 (${api})`, async (t) => {
    const { promise, resolve } = withResolvers<boolean[]>();
    const judge = async (subject: IncomingMessage | ServerHttp2Stream): Promise<void> => {
      const isNow = currentSignal() === requestSignal(subject);
      resolve([isNow, currentRequest() === subject, (await far()) === requestSignal(subject)]);
    };
    const compat = (req: IncomingMessage, res: ServerResponse): void => {
      void judge(req).then(() => res.end());
    };
    const stream = (subject: ServerHttp2Stream): void => {
      void judge(subject).then(() => {
        subject.respond({ ":status": 200 });
        subject.end();
      });
    };
    const app = api === "compat" ? { compat } : { stream };
    const { url } = await serveHttp2(t, app, { currentSignal: true });
    const session = await openSession(t, url);
    await ask(session, "/");
    assert.deepEqual(await promise, [true, true, true]);
  });
}

/** Posts a body of two parts to an application that finds its signal, or does not. */
async function post(t: TestContext, app: RequestListener): Promise<string> {
  const { promise: begun, resolve: begin } = withResolvers<void>();
  const { target } = await serve(
    t,
    (req, res) => {
      app(req, res);
      setImmediate(begin);
    },
    { currentSignal: true },
  );
  const client = await connect(target);
  const head = "POST / HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n";
  await client.send(`${head}Content-Length: 7\r\n\r\n{"a`);
  await begun;
  await client.send('":1}');
  const { body } = await client.response();
  client.close();
  return body;
}

test("currentSignal is found after a body was read: by iteration, by express.json()", async (t) => {
  const isFound = (req: IncomingMessage): boolean => currentSignal() === requestSignal(req);
  const iterate = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    let length = 0;
    for await (const chunk of req as AsyncIterable<Buffer>) length += chunk.length;
    res.end(`${length} ${isFound(req)}`);
  };
  assert.equal(await post(t, (req, res) => void iterate(req, res)), "7 true");
  const app = express();
  app.post("/", express.json(), (req, res) => {
    res.send(`${(req.body as { a: number }).a} ${isFound(req)}`);
  });
  assert.equal(await post(t, app as RequestListener), "1 true");
});

test("currentSignal is not found in a callback of the connection, unless it was bound", async (t) => {
  const app = (req: IncomingMessage, res: ServerResponse): void => {
    const found: boolean[] = [];
    const look = (): void => void found.push(currentSignal() !== undefined);
    req.on("end", look);
    req.on("end", AsyncResource.bind(look));
    req.on("end", () => res.end(String(found)));
    req.resume();
  };
  assert.equal(await post(t, app), "false,true");
});

test("sleep ends with the reason of the signal around it: the client leaves", async (t) => {
  const { promise, resolve } = withResolvers<unknown>();
  const { promise: sleeping, resolve: sleeps } = withResolvers<void>();
  const app = (): void => {
    sleep(60_000).then(() => resolve("slept"), resolve);
    sleeps();
  };
  const { target } = await serve(t, app, { currentSignal: true });
  const client = await connect(target);
  await client.get("/");
  await sleeping;
  client.close();
  assert.ok((await promise) instanceof ClientGoneError);
});

test("sleep ends with the reason of the signal around it: the drain gives up", async (t) => {
  const thrown: unknown[] = [];
  const { promise: sleeping, resolve: sleeps } = withResolvers<void>();
  const app = (_req: IncomingMessage, res: ServerResponse): void => {
    sleep(60_000).catch((error: unknown) => {
      thrown.push(error);
      res.writeHead(503).end();
    });
    sleeps();
  };
  const { service, target } = await serve(t, app, { currentSignal: true, ...SHORT });
  const client = await connect(target);
  await client.get("/");
  await sleeping;
  const { requests } = await service.drain();
  assert.equal((await client.response()).status, 503);
  assert.ok(thrown[0] instanceof DrainAbortedError);
  assert.equal(requests.aborted[0]?.reaction, "answered");
});

test("tasks and hooks have their own, also those that a request began", async (t) => {
  const seen: Record<string, boolean> = {};
  const { promise: isDraining, resolve: drains } = withResolvers<{
    report: Promise<DrainReport>;
  }>();
  const service = lastcall({ ...QUIET, lameDuck: false, currentSignal: true });
  service.hook("hook", ({ signal }) => {
    seen["hook"] = currentSignal() === signal;
  });
  const app = (_req: IncomingMessage, res: ServerResponse): void => {
    service.task("task", ({ signal }) => {
      seen["task"] = currentSignal() === signal;
    });
    res.end();
    drains({ report: service.drain() });
  };
  const client = await connect({ port: await listen(service.attach(createServer(app))) });
  await client.get("/");
  await (
    await isDraining
  ).report;
  t.after(() => client.close());
  assert.deepEqual(seen, { task: true, hook: true });
});

test("sleep without a signal just waits; with one of its own it takes no other", async () => {
  await sleep(1);
  const { signal } = new AbortController();
  await sleep(1, signal);
  const reason = new Error("why");
  await assert.rejects(sleep(60_000, AbortSignal.abort(reason)), reason);
  const controller = new AbortController();
  const sleeping = sleep(60_000, controller.signal);
  controller.abort(reason);
  await assert.rejects(sleeping, reason);
});

test("an idle connection does not keep requests that were pipelined, nor their responses", async (t) => {
  let gone = 0;
  const registry = new FinalizationRegistry(() => gone++);
  const { target } = await serve(t, (req, res) => {
    registry.register(req, 0);
    registry.register(res, 0);
    setImmediate(() => res.end("ok"));
  });
  const wires = await Promise.all(Array.from({ length: 5 }, () => connect(target)));
  for (const wire of wires) {
    await wire.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n".repeat(3));
    for (let answer = 0; answer < 3; answer++) await wire.response();
  }

  assert.equal(await collect(() => gone, 30), 30);
  for (const wire of wires) wire.close();
});

test("an idle connection does not keep its last request, nor its response", async (t) => {
  let gone = 0;
  const registry = new FinalizationRegistry(() => gone++);
  let kept: IncomingMessage | undefined;
  const { target } = await serve(
    t,
    (req, res) => {
      registry.register(req, 0);
      registry.register(res, 0);
      if (req.url === "/kept") kept = req;
      setTimeout(() => res.end(String(currentRequest() === req)), 1);
    },
    { currentSignal: true },
  );
  const wires = await Promise.all(Array.from({ length: 10 }, () => connect(target)));
  for (const [index, wire] of wires.entries()) {
    await wire.get(index === 0 ? "/kept" : "/");
    assert.equal((await wire.response()).body, "true");
  }

  assert.equal(await collect(() => gone, 18), 18);
  // Control: one that something else holds.
  assert.equal(kept?.url, "/kept");
  for (const wire of wires) wire.close();
});
