import assert from "node:assert/strict";
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";
import { test } from "node:test";

import { closeWebSockets } from "lastcall/ws";

import { start } from "../harness/program.js";
import { plain, serve } from "../harness/serve.js";
import { closeFrame, echo, openWebSocket, openWire } from "../harness/websocket.js";
import { connect } from "../harness/wire.js";

const none: http.RequestListener = (_req, res) => res.end();

for (const tls of [false, true]) {
  const over = tls ? ", over TLS" : "";

  for (const code of [1001, 1012] as const) {
    test(`57. WebSocket → close frame ${code} to all, spread${over}`, async (t) => {
      const spread = 600;
      const { service, server, target } = await serve(t, none, { tls, closeSpread: spread });
      closeWebSockets(service, echo(server), { code, reason: "back soon" });
      const clients = await Promise.all(Array.from({ length: 60 }, () => openWebSocket(t, target)));
      for (const client of clients) assert.equal(await client.exchange("hello"), "HELLO");

      const begun = performance.now();
      const report = await service.drain();

      const ends = await Promise.all(clients.map(({ closed }) => closed));
      for (const end of ends) {
        assert.deepEqual({ ...end, at: 0 }, { code, reason: "back soon", at: 0 });
      }
      const last = Math.max(...ends.map(({ at }) => at)) - begun;
      assert.ok(last >= spread * 0.8, `the last was told after ${last} ms`);
      // Not in one storm, even where the machine makes some of them late.
      for (const { at } of ends) {
        const near = ends.filter((other) => other.at >= at && other.at < at + spread / 10);
        assert.ok(near.length <= ends.length * 0.8, `${near.length} at once`);
      }
      assert.equal(report.outcome, "clean");
      assert.equal(report.connections.upgraded, 60);
      assert.deepEqual(report.goodbyes, { said: 60, overdue: 0 });
    });
  }
}

test("57. few WebSockets → no storm to be spread, nobody waits for the window", async (t) => {
  const { service, server, target } = await serve(t, none, { closeSpread: 10_000 });
  closeWebSockets(service, echo(server));
  const clients = await Promise.all(Array.from({ length: 3 }, () => openWebSocket(t, target)));

  const { durationMs } = await service.drain();

  for (const { closed } of clients) assert.equal((await closed).code, 1001);
  assert.ok(durationMs < 5_000, `${durationMs} ms`);
});

test("57. a peer that does not answer the close → awaited for a while, then destroyed", async (t) => {
  const { service, server, target } = await serve(t, none, { timeouts: { goodbye: 200 } });
  closeWebSockets(service, echo(server));
  const wire = await openWire(target);

  const report = await service.drain();

  await wire.sees(closeFrame(1001, "service restart"));
  await wire.ended();
  assert.equal(report.outcome, "clean");
  assert.deepEqual(report.goodbyes, { said: 1, overdue: 1 });
  assert.ok(report.durationMs >= 200, `destroyed after ${report.durationMs} ms`);
  assert.ok(report.durationMs < 10_000, `held ${report.durationMs} ms`);
});

test("57. a peer that talks on after the close → destroyed all the same", async (t) => {
  const { service, server, target } = await serve(t, none, { timeouts: { goodbye: 200 } });
  closeWebSockets(service, echo(server));
  const wire = await openWire(target);
  // An empty, masked ping: harmless, and a byte that moves.
  const talk = setInterval(() => wire.socket.write(Buffer.from([0x89, 0x80, 0, 0, 0, 0])), 20);
  t.after(() => clearInterval(talk));

  const report = await service.drain();

  assert.deepEqual(report.goodbyes, { said: 1, overdue: 1 });
  assert.ok(report.durationMs < 10_000, `held ${report.durationMs} ms`);
});

test("57. an upgrade during the lame duck is served, and told too", async (t) => {
  const { service, server, target } = await serve(t, none, { lameDuck: { max: 2_000 } });
  closeWebSockets(service, echo(server));
  const before = await openWebSocket(t, target);

  const drained = service.drain();
  assert.equal(service.phase, "lame-duck");
  const during = await openWebSocket(t, target);
  assert.equal(await during.exchange("still here?"), "STILL HERE?");
  assert.equal(service.phase, "lame-duck");

  // Nobody is sent away while those who come back at once would come back here.
  assert.equal(await before.exchange("me too?"), "ME TOO?");
  for (const { closed } of [before, during]) assert.equal((await closed).code, 1001);
  assert.deepEqual((await drained).goodbyes, { said: 2, overdue: 0 });
});

test("57. an upgrade after the listener closed, on a connection that was there → told at once", async (t) => {
  const { service, server, target } = await serve(t, none, {
    timeouts: { idle: 10_000 },
    closeSpread: 5_000,
  });
  closeWebSockets(service, echo(server));
  const wire = await connect(target);
  await wire.get("/first");
  await wire.response();
  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
  const drained = service.drain();
  await closed;

  await wire.get(
    "/",
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
  );

  await wire.sees("101 Switching Protocols");
  await wire.sees(closeFrame(1001, "service restart"));
  wire.close();
  assert.equal((await drained).outcome, "clean");
});

test("57. WebSockets that were open before they are taken into care → told", async (t) => {
  const { service, server, target } = await serve(t, none);
  const sockets = echo(server);
  const client = await openWebSocket(t, target);
  closeWebSockets(service, sockets);

  assert.deepEqual((await service.drain()).goodbyes, { said: 1, overdue: 0 });
  assert.equal((await client.closed).code, 1001);
});

test("57. cut short, by a second signal or abort() → every one still gets its close frame", async (t) => {
  const { service, server, target } = await serve(t, none, { lameDuck: { max: 4_000 } });
  closeWebSockets(service, echo(server));
  const clients = await Promise.all(Array.from({ length: 20 }, () => openWebSocket(t, target)));
  void service.drain();

  await service.abort();

  for (const { closed } of clients) assert.equal((await closed).code, 1001);
});

test("57. (control: a plain service that exits leaves every client with 1006)", async (t) => {
  const program = start(t, "websocket-exit");
  const target = { port: await program.port() };
  const clients = await Promise.all(Array.from({ length: 5 }, () => openWebSocket(t, target)));

  program.kill("SIGTERM");

  for (const { closed } of clients) assert.equal((await closed).code, 1006);
});

test("57. (control: a plain server's close() tells nobody, and waits for ever)", async (t) => {
  const { server, target } = await plain(t, none);
  echo(server);
  const client = await openWebSocket(t, target);
  let isClosed = false;

  server.close(() => {
    isClosed = true;
  });
  server.closeAllConnections();

  // Still served, long after everything that Node can close is closed.
  for (let i = 0; i < 20; i++) assert.equal(await client.exchange("hello"), "HELLO");
  assert.equal(isClosed, false);
});

for (const tls of [false, true]) {
  const over = tls ? ", over TLS" : "";

  test(`58. a message in progress arrives whole before the close: from the client, in fragments${over}`, async (t) => {
    const { service, server, target } = await serve(t, none, { tls });
    closeWebSockets(service, echo(server));
    const [slow, idle] = [await openWebSocket(t, target), await openWebSocket(t, target)];
    slow.socket.send("half ", { fin: false });
    // A control frame may come between fragments; its answer proves that the first has been read.
    const pong = once(slow.socket, "pong");
    slow.socket.ping();
    await pong;

    const drained = service.drain();
    await idle.closed;
    const again = once(slow.socket, "pong");
    slow.socket.ping();
    await again;
    slow.socket.send("and half", { fin: true });

    assert.equal((await slow.closed).code, 1001);
    assert.deepEqual(slow.messages, ["HALF AND HALF"]);
    assert.equal((await drained).outcome, "clean");
  });

  test(`58. a message in progress arrives whole before the close: to a slow client${over}`, async (t) => {
    const { service, server, target } = await serve(t, none, { tls, timeouts: { goodbye: 1_000 } });
    const sockets = echo(server);
    closeWebSockets(service, sockets);
    const client = await openWebSocket(t, target);
    const [socket] = sockets.clients;
    client.socket.pause();
    const size = 16_000_000;
    socket?.send(Buffer.alloc(size));

    const drained = service.drain();
    const received = once(client.socket, "message");
    client.socket.resume();

    assert.equal(((await received)[0] as Buffer).length, size);
    assert.equal((await client.closed).code, 1001);
    assert.equal((await drained).outcome, "clean");
  });
}

test("58. what the application owes a client is sent before the close", async (t) => {
  const { service, server, target } = await serve(t, none);
  closeWebSockets(service, echo(server), {
    before: async (socket) => {
      await Promise.resolve();
      socket.send("your balance is 7");
    },
  });
  const client = await openWebSocket(t, target);

  await service.drain();

  assert.equal((await client.closed).code, 1001);
  assert.deepEqual(client.messages, ["your balance is 7"]);
});

test("58. (control: a close that does not wait loses the rest of the message)", async (t) => {
  const { service, server, target } = await serve(t, none);
  const sockets = echo(server);
  sockets.on("connection", (socket, req) => {
    service.goodbye(req.socket, () => socket.close(1001));
  });
  const client = await openWebSocket(t, target);
  client.socket.send("half ", { fin: false });
  const pong = once(client.socket, "pong");
  client.socket.ping();
  await pong;

  await service.drain();
  client.socket.send("and half", { fin: true }, () => {});

  assert.equal((await client.closed).code, 1001);
  assert.deepEqual(client.messages, []);
});

/** Takes over `upgrade` and `CONNECT` and sends back what it is sent. */
function takeOver(server: http.Server, taken: (socket: Duplex) => void = () => {}): void {
  for (const event of ["upgrade", "connect"]) {
    server.on(event, (_req: IncomingMessage, socket: Duplex) => {
      socket.on("error", () => {});
      socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      socket.pipe(socket);
      taken(socket);
    });
  }
}

const REQUESTS = [
  "GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n",
  "CONNECT test:1 HTTP/1.1\r\nHost: test\r\n\r\n",
];

for (const tls of [false, true]) {
  const over = tls ? ", over TLS" : "";

  test(`60. raw upgrade and CONNECT sockets are counted, ended at a silent moment${over}`, async (t) => {
    const { service, server, target } = await serve(t, none, { tls });
    takeOver(server);
    const wires = await Promise.all(REQUESTS.map(() => connect(target)));
    for (const [i, wire] of wires.entries()) {
      await wire.send(REQUESTS[i] ?? "");
      await wire.sees("101");
    }

    const drained = service.drain();
    // Their owner has not been asked to do anything, so it goes on.
    for (const wire of wires) {
      await wire.send("echo");
      await wire.sees("echo");
    }
    const { outcome, durationMs, connections, goodbyes } = await drained;

    for (const wire of wires) assert.equal(await wire.ended(), "fin");
    assert.equal(outcome, "clean");
    assert.equal(connections.upgraded, 2);
    assert.equal(connections.upgradedEnded, 2);
    assert.equal(connections.cut, 0);
    assert.deepEqual(goodbyes, { said: 2, overdue: 0 });
    assert.ok(durationMs < 10_000, `ended after ${durationMs} ms`);
  });

  test(`60. a raw socket's owner says goodbye in its own protocol${over}`, async (t) => {
    const { service, server, target } = await serve(t, none, { tls, lameDuck: { max: 100 } });
    takeOver(server, (socket) => {
      service.goodbye(socket, ({ reason }) => socket.end(`221 ${reason}\r\n`));
    });
    const wires = await Promise.all(REQUESTS.map(() => connect(target)));
    for (const [i, wire] of wires.entries()) {
      await wire.send(REQUESTS[i] ?? "");
      await wire.sees("101");
    }

    const { outcome, connections, goodbyes } = await service.drain("upgrade to 2.0");

    for (const wire of wires) {
      await wire.sees("221 upgrade to 2.0");
      assert.equal(await wire.ended(), "fin");
    }
    assert.equal(outcome, "clean");
    assert.equal(connections.cut, 0);
    assert.deepEqual(goodbyes, { said: 2, overdue: 0 });
  });
}

test("60. those whose peer does not go are destroyed, bounded by DL", async (t) => {
  const { service, server, target } = await serve(t, none, { timeouts: { goodbye: 400 } });
  takeOver(server);
  const wires = await Promise.all(REQUESTS.map(() => connect(target, { allowHalfOpen: true })));
  for (const [i, wire] of wires.entries()) {
    await wire.send(REQUESTS[i] ?? "");
    await wire.sees("101");
  }

  const { durationMs, connections, goodbyes } = await service.drain();

  for (const wire of wires) await wire.ended();
  assert.equal(connections.upgradedEnded, 2);
  assert.deepEqual(goodbyes, { said: 2, overdue: 2 });
  assert.ok(durationMs < 10_000, `destroyed after ${durationMs} ms`);
});

test("60. a goodbye that throws or rejects is a warning, and its socket is bounded", async (t) => {
  const { service, server, target } = await serve(t, none, { timeouts: { goodbye: 100 } });
  const says = [
    () => {
      throw new Error("thrown");
    },
    () => Promise.reject(new Error("rejected")),
  ];
  takeOver(server, (socket) => service.goodbye(socket, says.shift() ?? assert.fail()));
  for (const request of REQUESTS) {
    const wire = await connect(target);
    await wire.send(request);
    await wire.sees("101");
  }

  const { outcome, goodbyes, warnings } = await service.drain();

  assert.equal(outcome, "clean");
  assert.deepEqual(goodbyes, { said: 2, overdue: 2 });
  assert.deepEqual(warnings, [
    { code: "goodbye-failed", message: "A goodbye failed: thrown" },
    { code: "goodbye-failed", message: "A goodbye failed: rejected" },
  ]);
});

test("60. (control: they hold a plain server's close() for ever, and closeAllConnections() does not see them)", async (t) => {
  const { server, target } = await plain(t, none);
  takeOver(server);
  const wires = await Promise.all(REQUESTS.map(() => connect(target)));
  for (const [i, wire] of wires.entries()) {
    await wire.send(REQUESTS[i] ?? "");
    await wire.sees("101");
  }
  let isClosed = false;
  server.close(() => {
    isClosed = true;
  });
  server.closeAllConnections();

  for (const wire of wires) {
    await wire.send("echo");
    await wire.sees("echo");
  }
  assert.equal(isClosed, false);
  for (const wire of wires) wire.close();
});

for (const [how, act] of [
  ["ended", (socket: net.Socket) => socket.destroy()],
  ["reset", (socket: net.Socket) => socket.resetAndDestroy()],
  ["(control: is there, and answers nothing)", undefined],
] as const) {
  for (const protocol of ["websocket", "other"]) {
    test(`57. a socket that nothing reads, ${protocol}, whose client ${how}: the drain waits for it as long as there is a client`, async (t) => {
      const goodbye = 4_000;
      const { service, server, target } = await serve(t, none, { timeouts: { goodbye } });
      const gone = new Promise((resolve) => {
        server.on("upgrade", (_req, socket: net.Socket) => {
          socket
            .on("error", () => {})
            .on("end", resolve)
            .on("close", resolve);
          socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${protocol}\r\n\r\n`);
        });
      });
      const { port = 0 } = target;
      const client = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      t.after(() => client.destroy());
      client.write(
        `GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`,
      );
      await once(client, "data");
      act?.(client);
      if (act !== undefined) await gone;

      const report = await service.drain();

      assert.equal(report.outcome, "clean");
      if (act === undefined) assert.equal(report.goodbyes.overdue, 1);
      else assert.equal(report.goodbyes.overdue, 0);
      if (act === undefined) assert.ok(report.durationMs >= goodbye, `${report.durationMs} ms`);
      else assert.ok(report.durationMs < goodbye, `${report.durationMs} ms`);
    });
  }
}
