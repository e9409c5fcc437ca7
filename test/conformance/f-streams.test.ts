import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener, ServerResponse } from "node:http";
import { test } from "node:test";

import { eventStream, requestSignal, type Service } from "lastcall";

import { plain, serve } from "../harness/serve.js";
import { connect, type Wire } from "../harness/wire.js";

/** Short windows: the abort instant comes 300 ms after D, the cut 100 ms later. */
const SHORT = { gracePeriod: 1_000, abortWindow: 100, closingWindow: 400, margin: 200 };

/** An abort instant as early, and an abort window that a slow machine does not miss; nobody waits for its end. */
const ROOMY = { gracePeriod: 5_000, abortWindow: 3_500, closingWindow: 1_000, margin: 200 };

const STREAM = { "Content-Type": "text/event-stream" };

/** An application that knows its service, which does not exist before it. */
function withService(run: (service: Service, ...args: Parameters<RequestListener>) => void): {
  app: RequestListener;
  knows: (service: Service) => void;
} {
  let known: Service | undefined;
  return {
    app: (req, res) => {
      assert.ok(known);
      run(known, req, res);
    },
    knows: (service) => {
      known = service;
    },
  };
}

/** The whole response, which must be one: a chunked body has ended in order. */
async function wholeBody(wire: Wire): Promise<string> {
  const { status, body } = await wire.response();
  assert.equal(status, 200);
  return body;
}

for (const tls of [false, true]) {
  const over = tls ? ", over TLS" : "";

  test(`59. SSE and long poll: \`stopping\` lets them end themselves, and the stream ends with FIN${over}`, async (t) => {
    const { app, knows } = withService(({ stopping }, req, res) => {
      if (req.url === "/events") {
        res.writeHead(200, STREAM);
        res.write("data: 1\n\n");
        stopping.addEventListener("abort", () => res.end("retry: 1500\n\n"));
      } else {
        stopping.addEventListener("abort", () => res.end("nothing new"));
        res.writeProcessing();
      }
    });
    const { service, target } = await serve(t, app, { tls, timeouts: { idle: 100 } });
    knows(service);
    const [stream, poll] = [await connect(target), await connect(target)];
    await stream.get("/events");
    await stream.sees("data: 1");
    await poll.get("/poll");
    await poll.sees("102 Processing");

    const drained = service.drain();

    assert.equal(await wholeBody(stream), "data: 1\n\nretry: 1500\n\n");
    assert.equal(await stream.ended(), "fin");
    await poll.response();
    const { body, headers } = await poll.response();
    assert.equal(body, "nothing new");
    assert.equal(headers.get("connection"), "close");
    assert.equal(await poll.ended(), "fin");
    const { outcome, durationMs, requests } = await drained;
    assert.equal(outcome, "clean");
    assert.equal(requests.inFlight, 2);
    assert.ok(durationMs < 10_000, `held ${durationMs} ms`);
  });

  test(`59. eventStream() sends events, then \`retry:\` with jitter, and ends with FIN${over}`, async (t) => {
    const { app, knows } = withService((service, req, res) => {
      const stream = eventStream(service, req, res, { retry: 1_000 });
      stream.send(`after ${stream.lastEventId}`);
      stream.send({ event: "order", id: "8", data: "two\nlines" });
    });
    const { service, target } = await serve(t, app, { tls });
    knows(service);
    const wires = await Promise.all(Array.from({ length: 20 }, () => connect(target)));
    for (const wire of wires) {
      await wire.get("/events", "Last-Event-ID: 7\r\n");
      await wire.sees("data: lines");
    }

    const report = await service.drain();

    const retries = new Set<string>();
    for (const wire of wires) {
      const { headers, body } = await wire.response();
      assert.equal(headers.get("content-type"), "text/event-stream");
      assert.equal(headers.get("connection"), "close");
      const [first, ...events] = body.split("\n\n");
      assert.deepEqual(events.slice(0, 2), [
        "data: after 7",
        "event: order\nid: 8\ndata: two\ndata: lines",
      ]);
      for (const line of [first, events[2]]) {
        const [, retry = ""] = /^retry: (\d+)$/.exec(line ?? "") ?? [];
        assert.ok(Number(retry) >= 500 && Number(retry) <= 1_500, `retry: ${retry}`);
        retries.add(retry);
      }
      assert.deepEqual(events.slice(3), [""]);
      assert.equal(await wire.ended(), "fin");
    }
    assert.ok(retries.size > 5, `all come back together: ${[...retries].join()}`);
    assert.equal(report.outcome, "clean");
    assert.deepEqual(report.goodbyes, { said: 20, overdue: 0 });
    assert.equal(report.connections.idleClosed, 0);
  });

  test(`59. a stream of events that the budget is too short for is cut so that nobody takes it for a whole one${over}`, async (t) => {
    let write: (() => void) | undefined;
    const ticker: RequestListener = (_req, res) => {
      res.writeHead(200, STREAM);
      write = () => res.write("data: tick\n\n");
      const tick = setInterval(write, 5);
      t.after(() => clearInterval(tick));
    };
    const { service, target } = await serve(t, ticker, { tls, ...SHORT });
    const wire = await connect(target);
    // No EventSource: a language model's answer, say, which has an end.
    await wire.get("/answer?token=secret");
    await wire.sees("data: tick");

    const report = await service.drain();
    // Its code does not know.
    write?.();

    await assert.rejects(wire.response(), /before a whole response/);
    assert.equal(report.outcome, "aborted");
    const [{ ageMs, ...request } = { ageMs: 0 }] = report.requests.aborted;
    assert.deepEqual(request, { method: "GET", route: "/answer", reaction: "no signal" });
    assert.ok(ageMs >= 300, `${ageMs} ms`);
    assert.deepEqual([report.requests.letGo, report.connections.cut], [0, 1]);
  });

  test(`59. one that has its request's signal has the abort window for a last event${over}`, async (t) => {
    const app: RequestListener = (req, res) => {
      res.writeHead(200, STREAM);
      res.write("data: 1\n\n");
      const signal = requestSignal(req);
      // Cleans up first, as a stream with a subscription would.
      signal.addEventListener("abort", () => setImmediate(() => res.end("data: last\n\n")));
    };
    const { service, target } = await serve(t, app, { tls, ...ROOMY });
    const wire = await connect(target);
    await wire.get("/events");
    await wire.sees("data: 1");

    const report = await service.drain();

    assert.equal(await wholeBody(wire), "data: 1\n\ndata: last\n\n");
    assert.equal(report.requests.aborted[0]?.reaction, "answered");
  });

  test(`59. one that has the signal and ignores it is cut so that nobody takes it for a whole one${over}`, async (t) => {
    const app: RequestListener = (req, res) => {
      requestSignal(req);
      res.writeHead(200, STREAM);
      res.write("data: 1\n\n");
    };
    const { service, target } = await serve(t, app, { tls, ...SHORT });
    const wire = await connect(target);
    await wire.get("/events");
    await wire.sees("data: 1");

    const report = await service.drain();

    await assert.rejects(wire.response(), /before a whole response/);
    assert.equal(report.requests.aborted[0]?.reaction, "ignored abort");
  });

  test(`59. an answer that ends with its connection is cut with a reset${over}`, async (t) => {
    const app: RequestListener = (_req, res) => void res.write("a,b,c\n");
    const { service, target } = await serve(t, app, { tls, ...SHORT });
    const wire = await connect(target);
    await wire.send("GET /export.csv HTTP/1.0\r\n\r\n");
    await wire.sees("a,b,c");

    await service.drain();

    assert.equal(await wire.ended(), "reset");
  });

  test(`59. an answer that ends with its connection ends with a reset too where its own code destroys it at the abort${over}`, async (t) => {
    const app: RequestListener = (req, res) => {
      if (req.url === "/late") res.writeProcessing();
      else res.write("a,b,c\n");
      service.stopping.addEventListener("abort", () => void res.write("d,e,f\n"));
      requestSignal(req).addEventListener("abort", () => res.destroy());
    };
    const { service, target } = await serve(t, app, { tls, ...SHORT });
    const [early, late] = [await connect(target), await connect(target)];
    await early.send("GET /export.csv HTTP/1.0\r\n\r\n");
    await early.sees("a,b,c");
    // Its head is sent in the drain.
    await late.send("GET /late HTTP/1.0\r\n\r\n");
    await late.sees("102 Processing");

    const { connections } = await service.drain();

    assert.deepEqual([await early.ended(), await late.ended()], ["reset", "reset"]);
    assert.equal(connections.cut, 0);
  });

  test(`59. (control: without lastcall it ends in order, and looks whole${over})`, async (t) => {
    const { target } = await plain(
      t,
      (_req, res) => {
        res.write("a,b,c\n");
        setImmediate(() => res.destroy());
      },
      { tls },
    );
    const wire = await connect(target);
    await wire.send("GET /export.csv HTTP/1.0\r\n\r\n");
    assert.equal(await wire.ended(), "fin");
  });

  test(`59. any other unfinished response is cut so that nobody takes it for a whole one${over}`, async (t) => {
    const app: RequestListener = (_req, res) => void res.write("a,b,c\n");
    const { service, target } = await serve(t, app, { tls, ...SHORT });
    const wire = await connect(target);
    await wire.get("/export.csv");
    await wire.sees("a,b,c");

    const report = await service.drain();

    await assert.rejects(wire.response(), /before a whole response/);
    assert.equal(report.requests.aborted[0]?.reaction, "no signal");
    assert.equal(report.connections.cut, 1);
  });
}

test("59. an event stream opened during the lame duck is served, and ended after the listener closed", async (t) => {
  const streams: ServerResponse[] = [];
  const { app, knows } = withService((service, req, res) => {
    streams.push(res);
    eventStream(service, req, res).send("hello");
  });
  const { service, target } = await serve(t, app, { lameDuck: { max: 2_000 } });
  knows(service);
  const drained = service.drain();
  const wire = await connect(target);
  await wire.get("/events");
  await wire.sees("data: hello");
  assert.equal(service.phase, "lame-duck");
  assert.equal(streams[0]?.writableEnded, false);

  assert.match(await wholeBody(wire), /^retry: \d+\n\ndata: hello\n\nretry: \d+\n\n$/);
  assert.equal(await wire.ended(), "fin");
  assert.equal((await drained).outcome, "clean");
});

test("59. a client that leaves its event stream is forgotten, and the stream's signal aborts", async (t) => {
  let signal: AbortSignal | undefined;
  const { app, knows } = withService((service, req, res) => {
    signal = eventStream(service, req, res).signal;
  });
  const { service, target } = await serve(t, app);
  knows(service);
  const wire = await connect(target);
  await wire.get("/events");
  await wire.sees("retry:");
  assert.ok(signal);
  const left = once(signal, "abort");
  wire.close();
  await left;

  assert.deepEqual((await service.drain()).goodbyes, { said: 0, overdue: 0 });
});

test("59. (control: an event stream holds a plain server's close() for ever)", async (t) => {
  const { server, target } = await plain(t, (_req, res) => {
    res.writeHead(200, STREAM);
    const tick = setInterval(() => res.write("data: tick\n\n"), 5);
    res.on("close", () => clearInterval(tick));
  });
  const wire = await connect(target);
  await wire.get("/ticks");
  await wire.sees("data: tick");
  let isClosed = false;
  server.close(() => {
    isClosed = true;
  });

  for (let i = 0; i < 100; i++) await once(wire.socket, "data");

  assert.equal(isClosed, false);
  assert.equal(wire.end, "open");
});

test("59. an eventStream() that answers a POST has an end, and is waited for", async (t) => {
  const { app, knows } = withService((service, req, res) => {
    const stream = eventStream(service, req, res);
    stream.send("half");
    setTimeout(() => {
      stream.send("[DONE]");
      stream.close();
    }, 1_000);
  });
  const { service, target } = await serve(t, app, { closeSpread: 100 });
  knows(service);
  const wire = await connect(target);
  await wire.send("POST /answer HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
  await wire.sees("half");

  const { outcome, goodbyes } = await service.drain();

  assert.match(await wholeBody(wire), /data: half\n\ndata: \[DONE\]\n\n$/);
  assert.equal(outcome, "clean");
  assert.equal(goodbyes.said, 0);
});
