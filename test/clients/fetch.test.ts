import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { ClientGoneError, requestSignal } from "lastcall";
import { request } from "undici";

import { keepBound } from "../harness/measure.js";
import { listen, serve } from "../harness/serve.js";
import { withResolvers } from "../harness/wire.js";

/** Asks the peer; says by itself when the answer has begun, if that is what it waits for. */
interface Ask {
  path: "/silent" | "/endless";
  run(url: string, init: { signal?: AbortSignal }, begun: () => void): Promise<unknown>;
}

/** A body that never ends. */
async function* endless(): AsyncGenerator<Buffer> {
  for (;;) {
    yield Buffer.alloc(1_000);
    await sleep(5, undefined, { ref: false });
  }
}

const asks: Record<string, Ask> = {
  "fetch, before the answer": { path: "/silent", run: (url, init) => fetch(url, init) },
  "fetch, in the middle of the answer's body": {
    path: "/endless",
    run: async (url, init, begun) => {
      const response = await fetch(url, init);
      begun();
      return response.text();
    },
  },
  "fetch, in the middle of an upload": {
    path: "/silent",
    run: (url, init) => {
      const body = Readable.toWeb(Readable.from(endless()));
      return fetch(url, { ...init, method: "POST", body, duplex: "half" } as RequestInit);
    },
  },
  "undici's request, before the answer": {
    path: "/silent",
    run: (url, init) => request(url, init),
  },
  "undici's request, in the middle of the answer's body": {
    path: "/endless",
    run: async (url, init, begun) => {
      const { body } = await request(url, init);
      begun();
      return body.text();
    },
  },
  "undici's request, in the middle of an upload": {
    path: "/silent",
    run: (url, init) => request(url, { ...init, method: "POST", body: Readable.from(endless()) }),
  },
};

/** A peer, and the socket that the service asks it on, once a byte of the request has arrived there. */
async function startPeer(t: TestContext): Promise<{ url: string; asked: Promise<net.Socket> }> {
  const { promise: asked, resolve } = withResolvers<net.Socket>();
  const peer = http.createServer((req, res) => {
    if (req.url === "/endless") Readable.from(endless()).pipe(res);
    if (req.method === "GET") resolve(req.socket);
    else req.once("data", () => resolve(req.socket));
    req.on("error", () => {});
  });
  t.after(() => {
    peer.close();
    peer.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${await listen(peer)}`, asked };
}

/** A service that asks the peer for its client, who leaves when the peer has been asked. */
async function leave(
  t: TestContext,
  ask: Ask,
  isCancelled: boolean,
): Promise<{ socket: net.Socket; outcome: Promise<unknown> }> {
  const { url, asked } = await startPeer(t);
  const { promise: outcome, resolve } = withResolvers<unknown>();
  const { promise: begun, resolve: begin } = withResolvers<void>();
  if (ask.path === "/silent") begin();
  const { target } = await serve(t, (req) => {
    const init = isCancelled ? { signal: requestSignal(req) } : {};
    ask.run(`${url}${ask.path}`, init, begin).then(resolve, resolve);
  });
  const client = net.connect(target.port as number, "127.0.0.1");
  t.after(() => client.destroy());
  client.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const [socket] = await Promise.all([asked, begun]);
  client.destroy();
  return { socket, outcome };
}

for (const [name, ask] of Object.entries(asks)) {
  test(`${name}: the peer's socket is closed within 250 ms after the client has left`, async (t) => {
    const ms = await keepBound(250, async () => {
      const { socket, outcome } = await leave(t, ask, true);
      const start = performance.now();
      // Not events.once: the peer may see an error first.
      await new Promise<void>((resolve) => {
        if (socket.destroyed) resolve();
        else socket.once("close", resolve);
      });
      const took = performance.now() - start;
      assert.ok((await outcome) instanceof ClientGoneError, String(await outcome));
      return took;
    });

    t.diagnostic(`${ms.toFixed(1)} ms`);
    assert.ok(ms < 250, `${ms} ms`);
  });
}

test("control: without the signal the peer is kept busy", async (t) => {
  const left = await Promise.all(Object.values(asks).map((ask) => leave(t, ask, false)));
  await sleep(300);
  assert.deepEqual(
    left.map(({ socket }) => socket.destroyed),
    left.map(() => false),
  );
});
