import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";

import { Hold } from "../harness/hold.js";
import { serve } from "../harness/serve.js";
import { connect, type Response } from "../harness/wire.js";

/** How an application, a proxy or a sample writes the head of an answer. */
interface Way {
  readonly answer: (res: ServerResponse, req: IncomingMessage) => void;
  /** Default: a GET of HTTP/1.1. */
  readonly request?: string;
  /** What stays of `Connection` besides `close`. */
  readonly others?: string;
  readonly status?: number;
  /** Default: `kept`. */
  readonly body?: string;
}

const KEPT = { Connection: "keep-alive", "Keep-Alive": "timeout=5" };

/** As it came from elsewhere, for those who copy it. */
const COPIED = ["content-length", "4", "connection", "Keep-Alive", "keep-alive", "timeout=72"];

const WAYS: Record<string, Way> = {
  "nothing at all": { answer: (res) => res.end("kept") },
  setHeader: {
    answer: (res) => {
      res.setHeader("Connection", "keep-alive");
      res.setHeader("Keep-Alive", "timeout=5");
      res.end("kept");
    },
  },
  "setHeader with several values": {
    answer: (res) => {
      res.setHeader("connection", ["keep-alive", "X-Hop"]);
      res.setHeader("X-Hop", "1");
      res.end("kept");
    },
    others: "X-Hop",
  },
  "setHeader and writeHead": {
    answer: (res) => {
      res.setHeader("X-Before", "1");
      res.writeHead(200, KEPT).end("kept");
    },
  },
  "setHeaders, as a proxy does": {
    answer: (res) => {
      res.setHeaders(new Map(Object.entries(KEPT)));
      res.end("kept");
    },
  },
  "appendHeader after it was removed": {
    answer: (res) => {
      res.removeHeader("Connection");
      res.appendHeader("Connection", "keep-alive").appendHeader("Connection", "x-hop");
      res.end("kept");
    },
    others: "x-hop",
  },
  removeHeader: {
    answer: (res) => {
      res.removeHeader("Connection");
      res.end("kept");
    },
  },
  "writeHead with an object": {
    answer: (res) =>
      res.writeHead(200, { connection: "Keep-Alive", "Content-Length": 4 }).end("kept"),
  },
  "writeHead with a message": { answer: (res) => res.writeHead(200, "Fine", KEPT).end("kept") },
  "writeHead with a flat array": { answer: (res) => res.writeHead(200, COPIED).end("kept") },
  "writeHead with pairs": {
    answer: (res) => {
      const pairs = Object.entries(KEPT) as unknown as string[];
      res.writeHead(200, pairs).end("kept");
    },
  },
  "the head of the request, copied": {
    // `Expect` in an answer makes Node send the head at once.
    answer: (res, req) => {
      req.resume().on("end", () => res.writeHead(200, req.headers).end("kept"));
    },
    request:
      "POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nbody",
  },
  "a head that is flushed, and a body later": {
    answer: (res) => {
      res.writeHead(200, KEPT).flushHeaders();
      setImmediate(() => res.end("kept"));
    },
  },
  trailers: {
    answer: (res) => {
      res.writeHead(200, { ...KEPT, Trailer: "X-Sum" });
      res.write("kept");
      res.addTrailers({ "X-Sum": "1" });
      res.end();
    },
  },
  "bytes and not text": { answer: (res) => res.writeHead(200, KEPT).end(Buffer.from("kept")) },
  "text in another encoding": {
    answer: (res) => res.writeHead(200, KEPT).end("6b657074", "hex"),
  },
  "204": { answer: (res) => res.writeHead(204, KEPT).end(), status: 204, body: "" },
  "304": { answer: (res) => res.writeHead(304, KEPT).end(), status: 304, body: "" },
  HEAD: {
    answer: (res) => res.writeHead(200, { ...KEPT, "Content-Length": 4 }).end(),
    request: "HEAD / HTTP/1.1\r\nHost: test\r\n\r\n",
    body: "",
  },
  "HTTP/1.0 that asks to be kept": {
    answer: (res) => res.writeHead(200, { ...KEPT, "Content-Length": 4 }).end("kept"),
    request: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
  },
  "HTTP/1.0 that does not": {
    answer: (res) => res.writeHead(200, { ...KEPT, "Content-Length": 4 }).end("kept"),
    request: "GET / HTTP/1.0\r\n\r\n",
  },
  "426, which names what to upgrade to": {
    answer: (res) =>
      res.writeHead(426, { Connection: "Upgrade", Upgrade: "websocket" }).end("kept"),
    status: 426,
    others: "Upgrade",
  },
};

const GET = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

/** Lets an answer come as far as its `end()`; returns what goes on from there. */
function makeHead(res: ServerResponse, answer: () => void): Promise<() => void> {
  const end = res.end.bind(res);
  return new Promise((resolve) => {
    res.end = ((...args: Parameters<typeof end>) => {
      assert.ok(res.headersSent);
      resolve(() => end(...args));
      return res;
    }) as typeof res.end;
    answer();
  });
}

/** `100 Continue` comes before an answer, and is none. */
async function finalAnswer(ask: () => Promise<Response>): Promise<Response> {
  const first = await ask();
  return first.status < 200 ? ask() : first;
}

for (const [way, { answer, request = GET, others, status = 200, body = "kept" }] of Object.entries(
  WAYS,
)) {
  for (const when of ["after D", "before D, and the head is not sent"]) {
    // What is written when the answer is made cannot be told apart from this.
    const isEarly = when !== "after D";
    const isHeadMade = isEarly && way.startsWith("writeHead");
    if (isEarly && !isHeadMade) continue;

    test(`81. app-says-keep-alive: answers of the lame duck say close (${way}; ${when})`, async (t) => {
      const hold = new Hold();
      const { service, target } = await serve(t, hold.app, {
        lameDuck: { min: 5_000, max: 5_000 },
      });
      const wire = await connect(target);
      const method = request.startsWith("HEAD") ? "HEAD" : "GET";

      // Control: while the service is ready it is the application's.
      await wire.send(request);
      const before = await hold.next();
      answer(before.res, before.req);
      const ready = await finalAnswer(() => wire.response(method));
      if (way !== "removeHeader" && !request.includes("/1.0\r\n\r\n")) {
        assert.doesNotMatch(ready.headers.get("connection") ?? "", /close/);
      }

      const again = request.includes("/1.0\r\n\r\n") ? await connect(target) : wire;
      await again.send(request);
      const { res, req } = await hold.next();
      const finish = isHeadMade
        ? await makeHead(res, () => answer(res, req))
        : () => answer(res, req);
      void service.drain();
      finish();

      const { status: got, headers, body: text } = await finalAnswer(() => again.response(method));
      assert.equal(got, status);
      assert.equal(text, body);
      assert.equal(headers.get("connection"), others === undefined ? "close" : `${others}, close`);
      assert.equal(headers.get("keep-alive"), undefined);
      assert.equal(await again.ended(), "fin");
      assert.equal(again.rest, "");
      assert.equal(service.phase, "lame-duck");
    });
  }
}

test("81. app-says-keep-alive: Node's own answer to an expectation that it does not know says close", async (t) => {
  const hold = new Hold();
  const { service, server, target } = await serve(t, hold.app, {
    lameDuck: { min: 5_000, max: 5_000 },
  });
  const wire = await connect(target);
  const ask = async (): Promise<Response> => {
    await wire.get("/", "Expect: the-unexpected\r\n");
    return wire.response();
  };
  // Control: while the service is ready it is Node's.
  const before = await ask();
  assert.deepEqual([before.status, before.headers.get("connection")], [417, "keep-alive"]);
  void service.drain();

  const { status, headers } = await ask();
  assert.deepEqual([status, headers.get("connection")], [417, "close"]);
  assert.equal(await wire.ended(), "fin");
  await service.abort();
  service.uninstall();
  assert.equal(server.listenerCount("checkExpectation"), 0);
});

test("81. app-says-keep-alive: 101 has no say in it, its connection speaks another protocol", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app, { lameDuck: { min: 5_000, max: 5_000 } });
  const wire = await connect(target);
  void service.drain();
  await wire.get("/", "Connection: Upgrade\r\nUpgrade: other\r\n");
  const { res } = await hold.next();
  res.writeHead(101, { Connection: "Upgrade", Upgrade: "other" }).flushHeaders();

  const { status, headers } = await wire.response();
  assert.equal(status, 101);
  assert.equal(headers.get("connection"), "Upgrade");
});

test("81. app-says-keep-alive: on a pipelined connection only the newest says close", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const wire = await connect(target);
  await wire.send(GET.repeat(2));
  const several = [await hold.next(), await hold.next()];
  const drained = service.drain();
  await wire.send(GET);
  several.push(await hold.next());
  for (const { res } of several) res.writeHead(200, KEPT).end("kept");

  const said = [await wire.response(), await wire.response(), await wire.response()];
  const connections = said.map(({ headers }) => headers.get("connection"));
  assert.deepEqual(connections, ["keep-alive", "keep-alive", "close"]);
  assert.equal(await wire.ended(), "fin");
  const { outcome, requests } = await drained;
  assert.deepEqual([outcome, requests.refused, requests.unfinished], ["clean", 0, 0]);
});

test("16. requests that came in the same bytes as the one that begins the drain are answered, by handlers that answer at once", async (t) => {
  const { service, target } = await serve(t, (req, res) => {
    void service.drain();
    res.end(req.url);
  });
  const wire = await connect(target);
  await wire.send(
    ["/1", "/2", "/3"].map((path) => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`).join(""),
  );

  const answers = [await wire.response(), await wire.response(), await wire.response()];
  assert.deepEqual(
    answers.map(({ body, headers }) => [body, headers.get("connection")]),
    [
      ["/1", "keep-alive"],
      ["/2", "keep-alive"],
      ["/3", "close"],
    ],
  );
  assert.equal(await wire.ended(), "fin");
  const { outcome, requests } = await service.drain();
  assert.deepEqual([outcome, requests.refused, requests.unfinished], ["clean", 0, 0]);
});

test("16. a handler that writes until it is told to wait is told so, and goes on, in the turn of its request too", async (t) => {
  const parts = 300;
  const part = "x".repeat(1_000);
  const { service, target } = await serve(t, (_req, res) => {
    let left = parts;
    let turns = 0;
    const write = (): void => {
      turns++;
      while (left > 0) {
        left--;
        if (!res.write(part)) break;
      }
      if (left === 0) res.end(`${turns}`);
      else res.once("drain", write);
    };
    write();
  });
  const wire = await connect(target);
  const first = await connect(target);
  await first.get("/");
  await first.sees(part);
  const drained = service.drain();
  await wire.get("/");

  const { body, headers } = await wire.response();
  assert.equal(headers.get("connection"), "close");
  assert.ok(body.startsWith(part.repeat(parts)));
  assert.ok(Number(body.slice(parts * part.length)) > 1, "it was never told to wait");
  assert.equal(await wire.ended(), "fin");
  await first.response();
  assert.equal((await drained).outcome, "clean");
});
