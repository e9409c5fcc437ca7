import assert from "node:assert/strict";
import type http from "node:http";
import type { Socket } from "node:net";
import test, { type TestContext } from "node:test";

import { lastcall, type Service } from "lastcall";

import { Hold } from "../harness/hold.js";
import { plain, QUIET } from "../harness/serve.js";
import { connect, type Response, type Target, type Wire } from "../harness/wire.js";

/** A server that serves before anybody is attached to it. */
interface Early {
  hold: Hold;
  server: http.Server;
  target: Target;
  /** Resolves when the server has read everything that was sent. */
  hasRead: (wire: Wire) => Promise<void>;
}

async function serveEarly(t: TestContext, tls: boolean): Promise<Early> {
  const hold = new Hold();
  const { server, target } = await plain(t, hold.app, { tls });
  const accepted: Socket[] = [];
  server.on(tls ? "secureConnection" : "connection", (socket: Socket) => accepted.push(socket));
  return {
    hold,
    server,
    target,
    hasRead: async ({ socket }) => {
      const isPeer = ({ remotePort }: Socket): boolean => remotePort === socket.localPort;
      const read = (): number => accepted.find(isPeer)?.bytesRead ?? 0;
      while (read() < socket.bytesWritten) await new Promise(setImmediate);
    },
  };
}

function attachLate(t: TestContext, server: http.Server): Service {
  const service = lastcall({ ...QUIET, lameDuck: false });
  t.after(() => service.abort());
  service.attach(server);
  assert.equal(service.phase, "ready");
  return service;
}

/** Starts the drain; resolves when the listener is closed. */
async function drainPastClose(service: Service): Promise<() => Promise<unknown>> {
  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
  const drained = service.drain();
  await closed;
  return async () => {
    const { outcome, connections } = await drained;
    assert.equal(outcome, "clean");
    assert.equal(connections.cut, 0);
  };
}

function assertLast({ status, headers }: Response): void {
  assert.deepEqual([status, headers.get("connection")], [200, "close"]);
}

for (const isTls of [false, true]) {
  const name = isTls ? "https" : "http";

  test(`11. attach-late: idle connections are found and drained (${name})`, async (t) => {
    const { hold, server, target } = await serveEarly(t, isTls);
    const wires = [await connect(target), await connect(target), await connect(target)];
    const [silent, asking, fresh] = wires as [Wire, Wire, Wire];
    for (const wire of [silent, asking]) {
      await wire.get("/");
      (await hold.next()).res.end();
      assert.equal((await wire.response()).headers.get("connection"), "keep-alive");
    }
    const service = attachLate(t, server);
    let found = 0;
    service.on("drain-start", ({ connections }) => (found = connections));
    const isClean = await drainPastClose(service);
    assert.equal(found, 3);
    for (const wire of [asking, fresh]) {
      await wire.get("/again");
      (await hold.next()).res.end();
      assertLast(await wire.response());
    }
    for (const wire of wires) assert.equal(await wire.ended(), "fin");
    await isClean();
  });

  test(`11. attach-late: a request in flight is found and completes (${name})`, async (t) => {
    const { hold, server, target } = await serveEarly(t, isTls);
    const wire = await connect(target);
    await wire.get("/slow");
    const { res } = await hold.next();
    const upload = await connect(target);
    await upload.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\n12");
    const uploading = await hold.next();
    const service = attachLate(t, server);
    let found = 0;
    service.on("drain-start", ({ inFlight }) => (found = inFlight));
    const isClean = await drainPastClose(service);
    assert.equal(found, 2);
    res.end("late");
    assertLast(await wire.response());
    await upload.send("34");
    let body = "";
    for await (const chunk of uploading.req) body += String(chunk);
    uploading.res.end(body);
    const response = await upload.response();
    assertLast(response);
    assert.equal(response.body, "1234");
    assert.deepEqual([await wire.ended(), await upload.ended()], ["fin", "fin"]);
    await isClean();
  });

  test(`11. attach-late: pipelined requests in flight are all answered, and the last says close (${name})`, async (t) => {
    const { hold, server, target } = await serveEarly(t, isTls);
    const wire = await connect(target);
    await Promise.all([wire.get("/0"), wire.get("/1"), wire.get("/2")]);
    const held = [await hold.next(), await hold.next(), await hold.next()];
    const service = attachLate(t, server);
    const isClean = await drainPastClose(service);
    const connection: unknown[] = [];
    for (const [index, { res }] of held.entries()) {
      res.end(`answer ${index}`);
      const { headers, body } = await wire.response();
      assert.equal(body, `answer ${index}`);
      connection.push(headers.get("connection"));
    }
    assert.deepEqual(connection, ["keep-alive", "keep-alive", "close"]);
    assert.equal(await wire.ended(), "fin");
    await isClean();
  });

  test(`11. attach-late: pipelined requests answered in the wrong order, in one turn, all arrive (${name})`, async (t) => {
    const { hold, server, target } = await serveEarly(t, isTls);
    const wire = await connect(target);
    await Promise.all([wire.get("/0"), wire.get("/1"), wire.get("/2")]);
    const held = [await hold.next(), await hold.next(), await hold.next()];
    const service = attachLate(t, server);
    const isClean = await drainPastClose(service);
    for (const { req, res } of held.reverse()) res.end(req.url);
    for (const url of ["/0", "/1", "/2"]) assert.equal((await wire.response()).body, url);
    assert.equal(await wire.ended(), "fin");
    await isClean();
  });

  test(`11. attach-late: a half-sent head is found, and served when it is whole (${name})`, async (t) => {
    const { hold, server, target, hasRead } = await serveEarly(t, isTls);
    const wire = await connect(target);
    await wire.send("GET /half HTTP/1.1\r\nHo");
    await hasRead(wire);
    const service = attachLate(t, server);
    const isClean = await drainPastClose(service);
    await wire.send("st: test\r\n\r\n");
    (await hold.next()).res.end();
    assertLast(await wire.response());
    assert.equal(await wire.ended(), "fin");
    await isClean();
  });
}
