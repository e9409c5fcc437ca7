import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener, ServerResponse } from "node:http";
import http2 from "node:http2";
import { test } from "node:test";
import { createGzip } from "node:zlib";

import { requestSignal, type DrainReport, type LastcallOptions } from "lastcall";

import { serveHttp2, type Http2App } from "../harness/http2.js";
import { serve } from "../harness/serve.js";
import { connect, type Target, type Wire } from "../harness/wire.js";

const STREAM = { "Content-Type": "text/event-stream" };

/** As a browser's EventSource asks. */
const EVENT_SOURCE = "Accept: text/event-stream\r\n";

/** Long before the abort instant, which comes after 9 s. */
const SOON = { gracePeriod: 15_000, closeSpread: 400 };

/** How long until the abort instant of {@link SOON}. */
const ABORT = 9_000;

/** How an answer ended: in order, and if not, between two events. */
async function seen(wire: Wire): Promise<{ isWhole: boolean; isBetween: boolean }> {
  await wire.ended();
  const isWhole = wire.text.endsWith("\r\n0\r\n\r\n");
  // The chunk of the last event is whole.
  return { isWhole, isBetween: /\n\r?\n\r\n$/.test(wire.text) };
}

const TORN = { isWhole: false, isBetween: true };

function assertLetGo(report: DrainReport, count: number): void {
  const { outcome, durationMs, requests, connections } = report;
  assert.equal(outcome, "clean");
  assert.ok(durationMs < ABORT, `${durationMs} ms`);
  assert.deepEqual([requests.letGo, requests.unfinished, connections.cut], [count, 0, 0]);
}

/** An endless stream, and what writes on it. */
function endless(res: ServerResponse, event: (n: number) => void, every: number): void {
  res.writeHead(200, STREAM);
  let count = 0;
  const tick = setInterval(() => event(count++), every);
  event(count++);
  res.on("close", () => clearInterval(tick));
}

async function ask(
  target: Target,
  request = `GET /events HTTP/1.1\r\nHost: test\r\n${EVENT_SOURCE}\r\n`,
): Promise<Wire> {
  const wire = await connect(target);
  await wire.send(request);
  await wire.sees("data: ");
  return wire;
}

const WRITERS: Record<string, [write: (res: ServerResponse, n: number) => void, every: number]> = {
  "an event now and then": [(res, n) => res.write(`data: ${n}\n\n`), 300],
  "one after the other": [(res, n) => res.write(`data: ${n}\n\n`), 2],
  "line by line": [
    (res, n) => {
      res.write(`id: ${n}\r\n`);
      setImmediate(() => res.write(Buffer.from(`data: ${n}\r\n\r\n`)));
    },
    2,
  ],
  "with half of the next one at once": [
    (res, n) => {
      res.write(`data: ${n}\n\n`);
      res.write("id: half");
    },
    20,
  ],
};

for (const tls of [false, true]) {
  for (const [how, [write, every]] of Object.entries(WRITERS)) {
    test(`86. foreign-event-stream: let go between two events, spread out, long before the abort instant (${how}${tls ? ", over TLS" : ""})`, async (t) => {
      const app: RequestListener = (_req, res) => endless(res, (n) => write(res, n), every);
      const { service, target } = await serve(t, app, { tls, ...SOON });
      const wires = await Promise.all(Array.from({ length: 20 }, () => ask(target)));

      const report = await service.drain();

      for (const wire of wires) {
        assert.deepEqual(await seen(wire), TORN);
      }
      assertLetGo(report, 20);
      assert.deepEqual(report.goodbyes, { said: 20, overdue: 0 });
    });
  }
}

test("86. foreign-event-stream: its request's signal aborts, and the application ends it in order", async (t) => {
  const app: RequestListener = (req, res) => {
    endless(res, (n) => res.write(`data: ${n}\n\n`), 50);
    requestSignal(req).addEventListener("abort", () => res.end("data: bye\n\n"));
  };
  const { service, target } = await serve(t, app, SOON);
  const wire = await ask(target);

  const report = await service.drain();

  const { body } = await wire.response();
  assert.match(body, /\n\ndata: bye\n\n$/);
  assertLetGo(report, 1);
});

test("86. foreign-event-stream: a goodbye of the application's own is the only one", async (t) => {
  const { service, target } = await serve(
    t,
    (_req, res) => {
      endless(res, (n) => res.write(`data: ${n}\n\n`), 50);
      service.goodbye(res, () => res.end("data: bye\n\n"));
    },
    SOON,
  );
  const wire = await ask(target);

  const report = await service.drain();

  const { body } = await wire.response();
  assert.match(body, /\n\ndata: bye\n\n$/);
  assertLetGo(report, 0);
  assert.deepEqual(report.goodbyes, { said: 1, overdue: 0 });
});

test("86. foreign-event-stream: one that begins after its turn is let go as soon as it has begun", async (t) => {
  const held: ServerResponse[] = [];
  const { service, target } = await serve(t, (_req, res) => void held.push(res), SOON);
  const wire = await connect(target);
  await wire.get("/events", EVENT_SOURCE);
  while (held.length === 0) await new Promise(setImmediate);
  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));

  const drained = service.drain();
  await closed;
  await new Promise((resolve) => setTimeout(resolve, SOON.closeSpread * 2));
  assert.equal(wire.end, "open");
  const [res] = held;
  assert.ok(res);
  endless(res, (n) => res.write(`data: ${n}\n\n`), 50);

  assert.deepEqual(await seen(wire), TORN);
  assertLetGo(await drained, 1);
});

/** Requests that are waited for: their streams have an end, which they reach. */
const WAITED: Record<string, { request: string; type?: string; options?: LastcallOptions }> = {
  "a GET that is no EventSource's": { request: "GET /answer HTTP/1.1\r\nHost: test\r\n\r\n" },
  "a POST that accepts events": {
    request: `POST /answer HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n${EVENT_SOURCE}\r\n`,
  },
  "a download, whatever its client accepts": {
    request: `GET /answer HTTP/1.1\r\nHost: test\r\n${EVENT_SOURCE}\r\n`,
    type: "text/csv",
  },
  "one that the option says has an end": {
    request: `GET /answer HTTP/1.1\r\nHost: test\r\n${EVENT_SOURCE}\r\n`,
    options: { longLived: ({ url }) => url !== "/answer" },
  },
};

for (const [what, { request, type = "text/event-stream", options }] of Object.entries(WAITED)) {
  test(`86. foreign-event-stream: what has an end is waited for (${what})`, async (t) => {
    const app: RequestListener = (_req, res) => {
      res.writeHead(200, { "Content-Type": type });
      res.write("data: 1\n\n");
      setTimeout(() => res.end("data: [DONE]\n\n"), 2_500);
    };
    const { service, target } = await serve(t, app, { ...SOON, ...options });
    const wire = await ask(target, request);

    const report = await service.drain();

    assert.match((await wire.response()).body, /\[DONE\]\n\n$/);
    assertLetGo(report, 0);
  });
}

test("86. foreign-event-stream: the option names others that have no end", async (t) => {
  const app: RequestListener = (_req, res) => {
    res.writeHead(200, { "Content-Type": "application/json" });
    const tick = setInterval(() => res.write("data: {}\n\n"), 50);
    res.on("close", () => clearInterval(tick));
  };
  const { service, target } = await serve(t, app, {
    ...SOON,
    longLived: ({ method, url, headers }) =>
      method === "GET" && url === "/watch" && headers.host === "test" ? true : undefined,
  });
  const wire = await ask(target, "GET /watch HTTP/1.1\r\nHost: test\r\n\r\n");

  const report = await service.drain();

  assert.deepEqual(await seen(wire), TORN);
  assertLetGo(report, 1);
});

test("86. foreign-event-stream: an option that throws is told of, and stands for nothing", async (t) => {
  const app: RequestListener = (_req, res) => endless(res, (n) => res.write(`data: ${n}\n\n`), 50);
  const { service, target } = await serve(t, app, {
    ...SOON,
    longLived: () => {
      throw new Error("never asked before");
    },
  });
  const wire = await ask(target);

  const report = await service.drain();

  assert.deepEqual(await seen(wire), TORN);
  assertLetGo(report, 1);
  const [warning] = report.warnings;
  assert.match(
    `${warning?.code}: ${warning?.message}`,
    /^application-threw: longLived: never asked before/,
  );
});

test("86. foreign-event-stream: an open one does not hold the lame duck to its maximum", async (t) => {
  const app: RequestListener = (_req, res) => endless(res, (n) => res.write(`data: ${n}\n\n`), 50);
  const { service, target } = await serve(t, app, {
    gracePeriod: 30_000,
    lameDuck: { min: 0, max: 1_000 },
  });
  const wire = await ask(target);

  const report = await service.drain();

  assert.deepEqual(await seen(wire), TORN);
  assert.equal(report.requests.letGo, 1);
  const quietMs = report.lameDuck?.servers[0]?.quietMs ?? 0;
  assert.ok(quietMs > 500, `no client came for ${quietMs} ms`);
});

test("86. foreign-event-stream: a compressed one is torn where its compressor was flushed, after an event", async (t) => {
  const app: RequestListener = (_req, res) => {
    res.writeHead(200, { ...STREAM, "Content-Encoding": "gzip" });
    const gzip = createGzip();
    gzip.pipe(res);
    const tick = setInterval(() => {
      gzip.write(`data: ${Date.now()}\n\n`);
      gzip.flush();
    }, 20);
    res.on("close", () => clearInterval(tick));
  };
  const { service, target } = await serve(t, app, SOON);
  const wire = await connect(target);
  await wire.get("/events", EVENT_SOURCE);
  await wire.sees("\0\0\xff\xff");
  const listenersClosed = new Promise<number>((resolve) => {
    service.on("listeners-closed", () => resolve(performance.now()));
  });

  const report = await service.drain();

  // It is never silent, and is not waited for as long as one of which nothing can be seen.
  assert.ok(performance.now() - (await listenersClosed) < 2_000);
  assertLetGo(report, 1);
  await wire.ended();
  assert.match(wire.text, /\0\0\xff\xff\r\n$/);
});

const APIS: Record<string, Http2App> = {
  compat: {
    compat: (_req, res) => {
      endless(res, (n) => res.write(`data: ${n}\n\n`), 50);
    },
  },
  stream: {
    stream: (stream) => {
      stream.respond(STREAM);
      const tick = setInterval(() => stream.write("data: 1\n\n"), 50);
      stream.write("data: 0\n\n");
      stream.on("close", () => clearInterval(tick));
    },
  },
};

for (const [api, app] of Object.entries(APIS)) {
  test(`86. foreign-event-stream: over HTTP/2 its stream is reset, and the others of its session go on (${api} API)`, async (t) => {
    const { service, url } = await serveHttp2(t, app, SOON);
    const session = http2.connect(url);
    t.after(() => session.destroy());
    const stream = session.request({ ":path": "/events", accept: "text/event-stream" });
    const error = once(stream, "error");
    let text = "";
    stream.setEncoding("utf8").on("data", (data: string) => (text += data));
    await once(stream, "data");

    const report = await service.drain();

    const [{ code }] = (await error) as [NodeJS.ErrnoException];
    assert.equal(code, "ERR_HTTP2_STREAM_ERROR");
    assert.equal(stream.rstCode, http2.constants.NGHTTP2_INTERNAL_ERROR);
    assert.match(text, /\n\n$/);
    assertLetGo(report, 1);
  });
}
