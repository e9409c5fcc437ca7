import assert from "node:assert/strict";
import type { RequestListener, ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";

import { plain, serve } from "../harness/serve.js";
import { connect, type Target, type Wire } from "../harness/wire.js";

/** How an application answers and leaves its connection in the same turn. */
const WAYS: Record<string, (res: ServerResponse) => void> = {
  "socket.destroy()": (res) => res.end("sent") && res.req.socket.destroy(),
  "req.destroy(), as one does that will not take a body": (res) =>
    res.writeHead(413).end("sent") && res.req.destroy(),
  "res.destroy()": (res) => res.end("sent") && res.destroy(),
  "socket.end()": (res) => res.end("sent") && res.req.socket.end(),
  "socket.destroySoon()": (res) => res.end("sent") && res.req.socket.destroySoon(),
  "socket.write() of the rest, and its end": (res) => {
    res.writeHead(200, { "Content-Length": 4 }).write("se");
    res.req.socket.write("n");
    res.req.socket.end("t");
  },
};

/** What comes after the head, once the server has ended the connection. */
async function bodyOf(wire: Wire): Promise<string> {
  await wire.ended();
  return wire.text.split("\r\n\r\n").slice(1).join("\r\n\r\n");
}

async function ask(target: Target): Promise<string> {
  const wire = await connect(target);
  await wire.get("/");
  return bodyOf(wire);
}

async function drainedServer(t: TestContext, app: RequestListener, tls: boolean): Promise<Target> {
  const { service, target } = await serve(t, app, { tls, lameDuck: { min: 5_000, max: 5_000 } });
  void service.drain();
  return target;
}

/** Over TLS Node itself may have the handshake's last bytes to send first, and destroys what waits behind them. */
const ORDERLY = new Set(["socket.end()", "socket.destroySoon()"]);

for (const [way, answer] of Object.entries(WAYS)) {
  for (const tls of ORDERLY.has(way) ? [false, true] : [false]) {
    test(`88. an answer goes out before its connection ends in the same turn: ${way}${tls ? ", over TLS" : ""}`, async (t) => {
      const bare = await plain(t, (_req, res) => answer(res), { tls });
      const target = await drainedServer(t, (_req, res) => answer(res), tls);

      const got = await ask(target);

      assert.equal(got, await ask(bare.target));
      assert.ok(got.includes("sent"));
    });
  }
}

test("88. (control: an answer in the next turn is lost, also without lastcall)", async (t) => {
  const late: RequestListener = (req, res) => {
    setImmediate(() => res.end("sent"));
    req.socket.destroy();
  };
  const bare = await plain(t, late);
  assert.equal(await ask(bare.target), "");
  assert.equal(await ask(await drainedServer(t, late, false)), "");
});

for (const [who, listen] of [
  ["Node", undefined],
  [
    "the application",
    (_error: Error, socket: { end(text: string): void }) =>
      socket.end("HTTP/1.1 400 No\r\nConnection: close\r\n\r\n"),
  ],
] as const) {
  test(`88. a request is answered though no request comes after it, which ${who} is told of`, async (t) => {
    const app: RequestListener = (req, res) => void res.end(req.url);
    const bare = await plain(t, app);
    const { service, server, target } = await serve(t, app, {
      lameDuck: { min: 5_000, max: 5_000 },
    });
    if (listen !== undefined)
      for (const each of [server, bare.server]) each.on("clientError", listen);
    void service.drain();

    const answers = [];
    for (const each of [target, bare.target]) {
      const wire = await connect(each);
      await wire.send("GET /1 HTTP/1.1\r\nHost: test\r\n\r\nNO REQUEST\r\n\r\n");
      answers.push(await bodyOf(wire));
    }

    assert.equal(answers[0], answers[1]);
    assert.ok(answers[0]?.startsWith("/1"));
  });
}

for (const isOther of [false, true]) {
  const where = isOther ? "another server" : "its server";
  test(`88. a request that is emitted into ${where} again is one request`, async (t) => {
    const app: RequestListener = (req, res) => {
      if (req.url === "/new") return void setImmediate(() => res.end(req.url));
      req.url = "/new";
      (isOther ? other : own).server.emit("request", req, res);
    };
    const own = await serve(t, app);
    const other = await serve(t, app);
    const wire = await connect(own.target);
    await wire.get("/old");
    assert.equal((await wire.response()).body, "/new");
    const drained = own.service.drain();
    await wire.get("/old");

    const { body, headers } = await wire.response();

    assert.deepEqual([body, headers.get("connection")], ["/new", "close"]);
    const { outcome, requests } = await drained;
    assert.deepEqual([outcome, requests.begun, requests.unfinished], ["clean", 1, 0]);
  });
}
