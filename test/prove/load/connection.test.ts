// What a client calls each thing that a server can do to it, on real sockets.
import assert from "node:assert/strict";
import type net from "node:net";
import { test } from "node:test";
import { audit } from "#src/prove/facts/ledger.js";
import { defer } from "#src/prove/load/defer.js";
import { classifyFailure, TIMED_OUT } from "#src/prove/load/wire/classify.js";
import { findFreePort } from "#src/prove/machine/port.js";
import { openRun, serveRaw, targetOn } from "./open-run.js";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

interface Case {
  readonly name: string;
  readonly onRequest: (socket: net.Socket) => void;
  readonly outcome: string;
}

const CASES: readonly Case[] = [
  { name: "a whole answer", onRequest: (socket) => socket.write(OK), outcome: "ok complete" },
  {
    name: "reset after the request",
    onRequest: (socket) => socket.resetAndDestroy(),
    outcome: "dropped reset",
  },
  { name: "closed without a byte", onRequest: (socket) => socket.end(), outcome: "dropped empty" },
  {
    name: "closed inside the answer",
    onRequest: (socket) => socket.end(OK.slice(0, -1)),
    outcome: "dropped truncated",
  },
  {
    name: "500",
    onRequest: (socket) => socket.write(OK.replace("200", "500")),
    outcome: "dropped 5xx",
  },
  {
    name: "404 is an answer",
    onRequest: (socket) => socket.write(OK.replace("200", "404")),
    outcome: "ok complete",
  },
  {
    name: "not HTTP",
    onRequest: (socket) => socket.write("hello\r\n\r\n"),
    outcome: "dropped malformed",
  },
  {
    name: "reset inside the answer",
    // The first bytes must have been read before the reset, which throws unread ones away.
    onRequest: (socket) =>
      socket.write("HTTP/1.1 200", () => setTimeout(() => socket.resetAndDestroy(), 50)),
    outcome: "dropped truncated",
  },
];

for (const { name, onRequest, outcome } of CASES) {
  test(`a request's end: ${name} → ${outcome}`, async (t) => {
    const { run, faults } = openRun();
    const port = await serveRaw(t, (socket) => socket.once("data", () => onRequest(socket)));
    const connection = run.connect("pool", targetOn(port));
    await run.request(connection, run.nextRequest());
    connection.leave();
    assert.deepEqual(run.recorder.entries.map(shown), [outcome]);
    assert.deepEqual(audit(run.recorder.connections, run.recorder.entries), []);
    assert.deepEqual(faults, []);
  });
}

test("a request's end: nobody listens → refused, and nothing was sent", async () => {
  const { run } = openRun();
  const connection = run.connect("fresh", targetOn(await findFreePort()));
  await run.request(connection, run.nextRequest());
  assert.deepEqual(run.recorder.entries.map(shown), ["refused refused"]);
  assert.equal(run.recorder.entries[0]?.sentAt, null);
});

test("a request's end: its kept-alive connection was closed before it was sent → unsent", async (t) => {
  const { run } = openRun();
  const port = await serveRaw(t, (socket) => socket.once("data", () => socket.end(OK)));
  const connection = run.connect("pool", targetOn(port));
  assert.equal(await run.request(connection, run.nextRequest()), true);
  await connection.closed();
  assert.equal(await run.request(connection, run.nextRequest()), false);
  assert.deepEqual(run.recorder.entries.map(shown), ["ok complete", "unsent closed"]);
});

test("a request's end: its kept-alive connection was closed while it was on the wire → dropped", async (t) => {
  const { run } = openRun({ rttMs: 200 });
  const server = defer<net.Socket>();
  const port = await serveRaw(t, (socket) => {
    socket.once("data", () => socket.write(OK));
    server.resolve(socket);
  });
  const connection = run.connect("pool", targetOn(port));
  await run.request(connection, run.nextRequest());
  // Both in one turn: the client learns of the close half a round trip after it has sent.
  (await server.promise).end();
  await run.request(connection, run.nextRequest());
  assert.deepEqual(run.recorder.entries.map(shown), ["ok complete", "dropped empty"]);
});

const classify = (code: string, isConnecting: boolean, isHere = true): string =>
  classifyFailure(code, { isConnecting, isHere });

for (const code of ["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS", "EHOSTUNREACH"]) {
  test(`a socket's error: ${code} is never the service's doing`, () => {
    assert.equal(classify(code, true), "prover failed");
    assert.equal(classify(code, false), "prover failed");
  });
}

test("a socket's error: a connection that is not made in time, on any machine", () => {
  for (const code of [TIMED_OUT, "ETIMEDOUT"]) assert.equal(classify(code, true), "timed out");
  assert.equal(classify("ETIMEDOUT", true, false), "timed out");
  assert.equal(classify("ETIMEDOUT", false), "prover failed", "made, it is the machine's");
});

test("a socket's error: refused only while connecting, reset at any time", () => {
  assert.equal(classify("ECONNREFUSED", true), "refused");
  assert.equal(classify("ECONNRESET", true), "reset by service");
  assert.equal(classify("ECONNRESET", false), "reset by service");
  assert.equal(classify("EPIPE", false), "reset by service");
});

test("the round trip: a request arrives half of it after it was sent, its answer half of it later", async (t) => {
  const { run } = openRun({ rttMs: 60 });
  const port = await serveRaw(t, (socket) => socket.on("data", () => socket.write(OK)));
  const connection = run.connect("pool", targetOn(port));
  await connection.opened();
  await run.request(connection, run.nextRequest());
  const [entry] = run.recorder.entries;
  assert.ok(entry !== undefined && entry.sentAt !== null && entry.lastByteAt !== null);
  assert.ok(
    entry.lastByteAt - entry.sentAt >= 29,
    "half a round trip to the service and its answer",
  );
  assert.ok(entry.endedAt - entry.lastByteAt >= 29, "half a round trip back");
});

function shown({ outcome, kind }: { outcome: string; kind: string }): string {
  return `${outcome} ${kind}`;
}

test("a socket's error: another machine that does not answer refuses, or cuts", () => {
  assert.equal(classify("EHOSTUNREACH", true, false), "refused");
  assert.equal(classify("EHOSTUNREACH", false, false), "reset by service");
  assert.equal(classify("EMFILE", true, false), "prover failed");
});
