import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import net, { type Socket } from "node:net";
import { test, type TestContext } from "node:test";

import { lastcall } from "lastcall";
import { closeWebSockets } from "lastcall/ws";
import { WebSocketServer } from "ws";

import { listen, QUIET, serve } from "../../harness/serve.js";
import { closeFrame, echo, openWebSocket, openWire } from "../../harness/websocket.js";

const none: http.RequestListener = (_req, res) => res.end();
const GOING = { code: 1001, reason: "service restart" };

for (const tls of [false, true]) {
  test(`a WebSocketServer that nobody told of: 1001, clean${tls ? ", over TLS" : ""}`, async (t) => {
    const { service, server, target } = await serve(t, none, { tls });
    echo(server);
    const clients = await Promise.all(Array.from({ length: 5 }, () => openWebSocket(t, target)));
    for (const client of clients) assert.equal(await client.exchange("hello"), "HELLO");

    const report = await service.drain();

    for (const { closed } of clients)
      assert.deepEqual({ ...(await closed), at: 0 }, { ...GOING, at: 0 });
    assert.equal(report.outcome, "clean");
    assert.deepEqual(report.goodbyes, { said: 5, overdue: 0 });
    assert.equal(report.connections.upgradedEnded, 0);
  });
}

test("a message in progress from the client arrives whole before the close", async (t) => {
  const { service, server, target } = await serve(t, none);
  echo(server);
  const [slow, idle] = [await openWebSocket(t, target), await openWebSocket(t, target)];
  slow.socket.send("half ", { fin: false });
  const pong = once(slow.socket, "pong");
  slow.socket.ping();
  await pong;

  const drained = service.drain();
  await idle.closed;
  slow.socket.send("and half", { fin: true });

  assert.equal((await slow.closed).code, 1001);
  assert.deepEqual(slow.messages, ["HALF AND HALF"]);
  assert.equal((await drained).outcome, "clean");
});

test("a message that the application sends in parts goes out whole before the close", async (t) => {
  const { service, server, target } = await serve(t, none);
  echo(server).on("connection", (socket) => {
    socket.send("half ", { fin: false });
    service.on("listeners-closed", () => {
      setTimeout(() => socket.send("and half", { fin: true }), 100);
    });
  });
  const client = await openWebSocket(t, target);

  const report = await service.drain();

  assert.equal((await client.closed).code, 1001);
  assert.deepEqual(client.messages, ["half and half"]);
  assert.equal(report.outcome, "clean");
});

test("an upgrade that a response was made for, in case it is declined, is no request in flight", async (t) => {
  const { service, server, target } = await serve(t, none);
  const sockets = new WebSocketServer({ noServer: true });
  // As @fastify/websocket and @fastify/http-proxy do.
  server.on("upgrade", (req: IncomingMessage, socket: Socket, head: Buffer) => {
    new http.ServerResponse(req).assignSocket(socket);
    sockets.handleUpgrade(req, socket, head, () => {});
  });
  const client = await openWebSocket(t, target);

  const { outcome, requests } = await service.drain();

  assert.equal((await client.closed).code, 1001);
  assert.deepEqual([outcome, requests.inFlight, requests.unfinished], ["clean", 0, 0]);
});

test("what the application says itself comes first: closeWebSockets(), and a goodbye to a WebSocket", async (t) => {
  const { service, server, target } = await serve(t, none);
  const sockets = echo(server);
  const byHand = await openWebSocket(t, target);
  for (const socket of sockets.clients) {
    service.goodbye(socket, () => socket.close(4_000, "by hand"));
  }
  closeWebSockets(service, sockets, { code: 1012, reason: "back soon" });
  // The library's own adapter and the one by hand are both said: the first of them counts.
  const byAdapter = await openWebSocket(t, target);

  const report = await service.drain();

  assert.equal((await byAdapter.closed).code, 1012);
  assert.equal((await byHand.closed).code, 4_000);
  assert.equal(report.outcome, "clean");
});

test("a WebSocket that the application only tells itself is told nothing else", async (t) => {
  const { service, server, target } = await serve(t, none);
  const sockets = echo(server);
  const client = await openWebSocket(t, target);
  for (const socket of sockets.clients) {
    service.goodbye(socket, () => socket.close(4_000, "by hand"));
  }

  const { goodbyes } = await service.drain();

  assert.equal((await client.closed).code, 4_000);
  assert.deepEqual(goodbyes, { said: 1, overdue: 0 });
});

test("a handshake that is still being decided at its turn gets its answer, and then its goodbye", async (t) => {
  const { service, server, target } = await serve(t, none);
  const sockets = new WebSocketServer({ noServer: true });
  let decide!: () => void;
  const isAsked = new Promise<void>((asked) => {
    server.on("upgrade", (req, socket, head) => {
      decide = () => sockets.handleUpgrade(req, socket, head, (each) => each.send("welcome"));
      asked();
    });
  });
  const opened = openWebSocket(t, target);
  await isAsked;
  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));

  const drained = service.drain();
  await closed;
  decide();

  const client = await opened;
  assert.equal((await client.closed).code, 1001);
  assert.equal((await drained).outcome, "clean");
});

test("one of those whose owner registers its goodbye late is told by its owner alone", async (t) => {
  const { service, server, target } = await serve(t, none);
  const sockets = new WebSocketServer({ noServer: true });
  closeWebSockets(service, sockets, { code: 1012 });
  let decide!: () => void;
  const isAsked = new Promise<void>((asked) => {
    server.on("upgrade", (req, socket, head) => {
      decide = () =>
        sockets.handleUpgrade(req, socket, head, (each) => sockets.emit("connection", each, req));
      asked();
    });
  });
  const opened = openWebSocket(t, target);
  await isAsked;
  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));

  const drained = service.drain();
  await closed;
  decide();

  assert.equal((await (await opened).closed).code, 1012);
  assert.deepEqual((await drained).goodbyes, { said: 1, overdue: 0 });
});

/** A gateway that passes WebSockets on to another server, byte by byte, as `http-proxy` does. */
function passOn(server: http.Server, port: number): void {
  server.on("upgrade", (req: IncomingMessage, socket: Socket) => {
    const onward = http.request({ port, host: "127.0.0.1", path: req.url, headers: req.headers });
    onward.on("upgrade", (answer, upstream) => {
      const head = Object.entries(answer.headers).map(
        ([name, value]) => `${name}: ${String(value)}`,
      );
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head.join("\r\n")}\r\n\r\n`);
      socket.on("error", () => upstream.destroy());
      upstream.on("error", () => socket.destroy());
      upstream.pipe(socket).pipe(upstream);
    });
    onward.end();
  });
}

/** A server behind the gateway; resolves to its port. */
async function upstream(t: TestContext): Promise<{ port: number; sockets: WebSocketServer }> {
  const server = http.createServer(none);
  const sockets = echo(server);
  t.after(() => {
    for (const each of sockets.clients) each.terminate();
    server.close();
  });
  return { port: await listen(server), sockets };
}

for (const tls of [false, true]) {
  test(`through a gateway: both sides see 1001, a message on its way arrives${tls ? ", over TLS" : ""}`, async (t) => {
    const behind = await upstream(t);
    const { service, server, target } = await serve(t, none, { tls });
    passOn(server, behind.port);
    const client = await openWebSocket(t, target);
    assert.equal(await client.exchange("hello"), "HELLO");
    const [far] = behind.sockets.clients;
    assert.ok(far);
    const farClosed = once(far, "close");
    // In the middle of a message, which the far side ends only later.
    far.send("one ", { fin: false });
    far.ping();
    await once(client.socket, "ping");
    const closed = new Promise((resolve) => service.on("listeners-closed", resolve));

    const drained = service.drain();
    await closed;
    far.send("message", { fin: true });

    assert.deepEqual({ ...(await client.closed), at: 0 }, { ...GOING, at: 0 });
    assert.deepEqual(client.messages, ["HELLO", "one message"]);
    assert.equal((await farClosed)[0], 1001);
    const report = await drained;
    assert.equal(report.outcome, "clean");
    assert.deepEqual(report.goodbyes, { said: 1, overdue: 0 });
    assert.equal(report.connections.upgradedEnded, 0);
  });
}

test("through a gateway: what the far side says after the close frame goes nowhere", async (t) => {
  const behind = await upstream(t);
  const { service, server, target } = await serve(t, none, { timeouts: { goodbye: 300 } });
  passOn(server, behind.port);
  const wire = await openWire(target);
  const [far] = behind.sockets.clients;
  assert.ok(far);
  const talk = setInterval(() => far.send("on and on"), 5);
  t.after(() => clearInterval(talk));
  await wire.sees("on and on");

  // This client never answers, so it is destroyed.
  const report = await service.drain();

  await wire.ended();
  assert.ok(
    wire.text.endsWith(closeFrame(1001, "service restart")),
    "nothing after the close frame",
  );
  assert.deepEqual(report.goodbyes, { said: 1, overdue: 1 });
});

test("(control: of a gateway's WebSocket that was there before the service nothing is known: it ends, 1006)", async (t) => {
  const behind = await upstream(t);
  const server = http.createServer(none);
  passOn(server, behind.port);
  const port = await listen(server);
  const client = await openWebSocket(t, { port });
  assert.equal(await client.exchange("hello"), "HELLO");
  const service = lastcall({ ...QUIET, lameDuck: false });
  service.attach(server);

  const report = await service.drain();

  assert.equal((await client.closed).code, 1006);
  assert.equal(report.outcome, "clean");
  assert.equal(report.connections.upgradedEnded, 1);
});

test("a WebSocket written by hand: 1001 between two messages", async (t) => {
  const { service, server, target } = await serve(t, none);
  server.on("upgrade", (req: IncomingMessage, socket: Socket) => {
    const key = `${req.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on("data", (data) => {
      if ((data[0]! & 0x0f) === 8) socket.end();
    });
    socket.on("error", () => {});
    // Half a frame now, half when the drain waits for it.
    socket.write(Buffer.from("\x81\x04ha", "latin1"));
    service.on("listeners-closed", () => setImmediate(() => socket.write("lf")));
  });
  const client = await openWebSocket(t, target);

  const report = await service.drain();

  assert.equal((await client.closed).code, 1001);
  assert.deepEqual(client.messages, ["half"]);
  assert.equal(report.outcome, "clean");
});

test("`write` is the socket's own again: where `ws` drives it, and after uninstall()", async (t) => {
  const behind = await upstream(t);
  const service = lastcall(QUIET);
  const server = service.attach(http.createServer(none));
  const target = { port: await listen(server) };
  const owned: Socket[] = [];
  server.on("upgrade", (_req, socket: Socket) => void owned.push(socket));
  echo(server);
  const byWs = await openWebSocket(t, target);
  assert.equal(await byWs.exchange("hello"), "HELLO");
  assert.equal(Object.hasOwn(owned[0]!, "write"), false);
  server.removeAllListeners("upgrade");
  passOn(server, behind.port);
  server.on("upgrade", (_req, socket: Socket) => void owned.push(socket));
  const passed = await openWebSocket(t, target);
  assert.equal(Object.hasOwn(owned[1]!, "write"), true);

  service.uninstall();

  assert.equal(Object.hasOwn(owned[1]!, "write"), false);
  assert.equal(await passed.exchange("still here?"), "STILL HERE?");
  for (const each of owned) each.destroy();
  server.close();
});

test("an unknown protocol: ended at a silent moment, and by half of goodbyeTimeout at the latest", async (t) => {
  const { service, server, target } = await serve(t, none, {
    timeouts: { idle: 200, goodbye: 3_000 },
  });
  server.on("upgrade", (req: IncomingMessage, socket: Socket) => {
    socket.on("error", () => {});
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: raw\r\nConnection: Upgrade\r\n\r\n");
    // Its code never learns that the socket has ended.
    const talk = req.url === "/talks" ? setInterval(() => socket.write("tick"), 20) : undefined;
    socket.on("close", () => clearInterval(talk));
  });
  const ends = ["/silent", "/talks"].map(async (path) => {
    const socket = net.connect(target.port ?? 0, "127.0.0.1");
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n`);
    await once(socket, "data");
    socket.resume();
    return { ended: once(socket, "end").then(() => performance.now()) };
  });
  const [silent, talks] = await Promise.all(ends);
  const begun = performance.now();

  const report = await service.drain();

  const [first = 0, last = 0] = await Promise.all([silent?.ended, talks?.ended]);
  assert.ok(first - begun >= 190, `the silent one ended after ${first - begun} ms`);
  assert.ok(last - begun >= 1_490, `the other ended after ${last - begun} ms`);
  assert.equal(report.outcome, "clean");
  assert.equal(report.connections.upgradedEnded, 2);
  assert.equal(report.goodbyes.overdue, 0);
});
