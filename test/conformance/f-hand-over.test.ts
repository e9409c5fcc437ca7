import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import http, { type RequestListener } from "node:http";
import https from "node:https";
import type { Server, Socket } from "node:net";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import tls from "node:tls";

import { lastcall, type DrainReport, type LastcallOptions, type Service } from "lastcall";

import { Hold } from "../harness/hold.js";
import { listen, plain, QUIET, serve } from "../harness/serve.js";
import { certificate } from "../harness/tls.js";
import { connect, Wire } from "../harness/wire.js";

/** Long enough that a drain which is held shows it. */
const LONG = { gracePeriod: 20_000, timeouts: { idle: 100 } };

const CONNECT = "CONNECT elsewhere:1 HTTP/1.1\r\nHost: test\r\n\r\n";
const UPGRADE = "GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n";
const ESTABLISHED = "HTTP/1.1 200 Connection Established\r\n\r\n";

function assertNotHeld({ outcome, durationMs, connections }: DrainReport): void {
  assert.equal(outcome, "clean");
  assert.ok(durationMs < 8_000, `held for ${durationMs} ms`);
  assert.equal(connections.cut, 0);
}

// Whoever takes a socket over.

for (const [event, request] of Object.entries({ connect: CONNECT, upgrade: UPGRADE })) {
  test(`87. taken-over: the taker of a socket may drop all its listeners, of which none is ours (${event})`, async (t) => {
    const { service, server, target } = await serve(t, () => {}, LONG);
    const bare = await plain(t, () => {});
    const counts: number[] = [];
    for (const each of [server, bare.server]) {
      each.on(event, (_req, socket: Socket) => {
        counts.push(socket.listenerCount("close"));
        socket.removeAllListeners();
        socket.on("error", () => {});
        socket.end("HTTP/1.1 200 OK\r\n\r\n");
      });
    }
    for (const where of [target, bare.target]) {
      const wire = await connect(where);
      await wire.send(request);
      await wire.ended();
      wire.close();
    }
    assert.deepEqual(counts, [0, 0]);

    assertNotHeld(await service.drain());
  });
}

for (const when of ["connection", "request"]) {
  for (const isTls of [false, true]) {
    test(`87. taken-over: code that drops all listeners of its socket leaves none of the books wrong (at its ${when}${isTls ? ", over TLS" : ""})`, async (t) => {
      const drop = (socket: Socket): void => void rawOf(socket).removeAllListeners("close");
      const app: RequestListener = (req, res) => {
        if (when === "request") drop(req.socket);
        res.end("ok");
      };
      const { service, server, target } = await serve(t, app, { ...LONG, tls: isTls });
      if (when === "connection") server.on("connection", drop);
      const raws: Socket[] = [];
      server.on("connection", (raw) => raws.push(raw));
      const [gone, open] = [await connect(target), await connect(target)];
      for (const wire of [gone, open]) {
        await wire.get("/");
        await wire.response();
      }
      gone.close();
      while (!raws.some(({ destroyed }) => destroyed)) await turn();
      // It is told of when everything that hears of `close` has.
      await turn();
      await turn();

      const report = await service.drain();

      assertNotHeld(report);
      // Control: the other one is known, and is closed.
      assert.equal(report.connections.open, 1);
      assert.equal(report.connections.idleClosed, 1);
    });
  }
}

function rawOf(socket: Socket): Socket {
  return (socket as Socket & { _parent?: Socket })._parent ?? socket;
}

test("87. taken-over: a goodbye is over with its socket, though its taker dropped the listener", async (t) => {
  const { service, server, target } = await serve(t, () => {}, LONG);
  server.on("upgrade", (_req, socket) => {
    service.goodbye(socket, () => assert.fail("it is gone"));
    socket.removeAllListeners();
    socket.end("HTTP/1.1 200 OK\r\n\r\n");
  });
  const wire = await connect(target);
  await wire.send(UPGRADE);
  await wire.ended();
  wire.close();

  const report = await service.drain();

  assertNotHeld(report);
  assert.equal(report.goodbyes.said, 0);
});

// Sockets that are emitted into a server again, as proxies do that look into their tunnels.

interface Tunnel {
  /** Emits the socket of a tunnel into a server; returns the servers of the service. */
  readonly attach: (service: Service, app: RequestListener) => http.Server;
  readonly isTls?: true;
}

const TUNNELS: Record<string, Tunnel> = {
  "the same server": {
    attach: (service, app) => {
      const server = service.attach(http.createServer(app));
      return server.on("connect", (_req, socket) => into(server, socket));
    },
  },
  "another server": {
    attach: (service, app) => {
      const inner = service.attach(http.createServer(app));
      return service
        .attach(http.createServer())
        .on("connect", (_req, socket) => into(inner, socket));
    },
  },
  "a server of TLS": {
    attach: (service, app) => {
      const inner = service.attach(https.createServer(certificate, app));
      return service
        .attach(http.createServer())
        .on("connect", (_req, socket) => into(inner, socket));
    },
    isTls: true,
  },
  "the same server, as a TLS socket": {
    attach: (service, app) => {
      const server = service.attach(http.createServer(app));
      const secureContext = tls.createSecureContext(certificate);
      return server.on("connect", (_req, socket) => {
        socket.write(ESTABLISHED);
        const secure = new tls.TLSSocket(socket, { isServer: true, secureContext });
        server.emit("connection", secure);
      });
    },
    isTls: true,
  },
};

function into(server: Server, socket: { write(text: string): unknown }): void {
  socket.write(ESTABLISHED);
  server.emit("connection", socket);
}

async function openTunnel(server: http.Server, isTls = false): Promise<Wire> {
  const wire = await connect({ port: await listen(server) });
  await wire.send(CONNECT);
  await wire.sees("\r\n\r\n");
  if (!isTls) return new Wire(wire.socket);
  wire.socket.removeAllListeners("data");
  const socket = tls.connect({ socket: wire.socket, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  return new Wire(socket);
}

for (const [into, { attach, isTls }] of Object.entries(TUNNELS)) {
  test(`87. emitted-again: what goes on in a tunnel is served, and is one connection with one end (${into})`, async (t) => {
    const service = lastcall({ ...QUIET, ...LONG, lameDuck: false });
    t.after(() => service.abort().catch(() => {}));
    const hold = new Hold();
    const server = attach(service, hold.app);
    const wire = await openTunnel(server, isTls);
    await wire.get("/first");
    (await hold.next()).res.end("first");
    assert.equal((await wire.response()).body, "first");
    await wire.get("/second");
    const { res } = await hold.next();

    const drained = service.drain();
    res.end("second");

    const { body, headers } = await wire.response();
    assert.deepEqual([body, headers.get("connection")], ["second", "close"]);
    assert.equal(await wire.ended(), "fin");
    const report = await drained;
    assertNotHeld(report);
    const { open, upgraded, accepted } = report.connections;
    assert.deepEqual([open, upgraded, accepted], [1, 0, 0]);
    assert.deepEqual(report.requests.aborted, []);
  });
}

// Sockets that are sent to another process, as sticky sessions do.

const CHILD = path.join(import.meta.dirname, "..", "fixtures", "takes-sockets.js");

/** Resolves when it takes sockets: to start it may take longer than a lame duck. */
async function startChild(t: TestContext): Promise<ReturnType<typeof fork>> {
  const child = fork(CHILD);
  t.after(() => child.kill("SIGKILL"));
  await once(child, "message");
  return child;
}

type Sends = (server: http.Server, send: (socket: Socket) => void) => void;

const SENDERS: Record<string, Sends> = {
  "from `upgrade`": (server, send) =>
    server.on("upgrade", (_req, socket) => send(socket as Socket)),
  "as it comes": (server, send) => server.on("connection", send),
  "from a handler": (server, send) => server.on("request", (req) => send(req.socket)),
};

for (const [how, sends] of Object.entries(SENDERS)) {
  for (const lameDuck of [
    false,
    { min: 1_000, max: 1_000 },
  ] satisfies LastcallOptions["lameDuck"][]) {
    test(`87. sent-away: a socket that was sent to a child leaves the books at once (${how}${lameDuck ? ", in the lame duck" : ""})`, async (t) => {
      const service = lastcall({ ...QUIET, ...LONG, lameDuck });
      t.after(() => service.abort().catch(() => {}));
      const server = service.attach(http.createServer());
      const child = await startChild(t);
      sends(server, (socket) => child.send("yours", socket));
      const target = { port: await listen(server) };
      const early = lameDuck ? service.drain() : undefined;
      const wires = [await connect(target), await connect(target), await connect(target)];
      for (const wire of wires) {
        await wire.send(
          how === "from a handler" ? "GET / HTTP/1.1\r\nHost: test\r\n\r\n" : UPGRADE,
        );
        await wire.sees("from the child");
      }
      const report = await (early ?? service.drain());

      assertNotHeld(report);
      assert.ok(report.durationMs < 3_000, `held for ${report.durationMs} ms`);
      assert.deepEqual([report.connections.open, report.requests.unfinished], [0, 0]);
      for (const wire of wires) {
        assert.equal(wire.end, "open", "the child's connection was touched");
        wire.close();
      }
    });
  }
}

test("87. sent-away: Node's own count stays right", async (t) => {
  const { service, server, target } = await serve(t, () => {}, LONG);
  const child = await startChild(t);
  server.on("upgrade", (_req, socket) => child.send("yours", socket as Socket));
  const [sent, kept] = [await connect(target), await connect(target)];
  await sent.send(UPGRADE);
  await sent.sees("from the child");
  const count = (): Promise<number> =>
    new Promise((resolve, reject) => {
      server.getConnections((error, number) => (error ? reject(error) : resolve(number)));
    });
  assert.equal(await count(), 2);
  kept.close();
  sent.close();
  while ((await count()) > 0) await new Promise(setImmediate);

  assertNotHeld(await service.drain());
});

// Bodies that never come.

test("34. a POST that was answered while its body never comes is a stalled body with its route, and gets no second answer", async (t) => {
  const { service, target } = await serve(t, (_req, res) => res.end("early"), {
    ...LONG,
    timeouts: { body: 300, head: 5_000 },
  });
  const wire = await connect(target);
  await wire.send("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf");
  assert.equal((await wire.response()).body, "early");

  const report = await service.drain();

  assertNotHeld(report);
  const [{ remote: _, ...stall } = { remote: "" }] = report.connections.stalled;
  assert.deepEqual(stall, { kind: "body", method: "POST", route: "/upload" });
  await wire.ended();
  assert.equal(wire.rest, "");
});

test("34. (control: half a head without a request is a stalled head)", async (t) => {
  const { service, target } = await serve(t, () => {}, { ...LONG, timeouts: { head: 300 } });
  const wire = await connect(target);
  await wire.send("POST /upload HTTP/1.1\r\nHo");
  await new Promise((resolve) => setTimeout(resolve, 50));

  const [stall] = (await service.drain()).connections.stalled;

  assert.deepEqual([stall?.kind, stall?.route], ["head", undefined]);
});
