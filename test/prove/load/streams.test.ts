// Event streams, WebSockets, pipelines and questions before a body: what the ledger makes of each
// end, on real sockets.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type net from "node:net";
import { test, type TestContext } from "node:test";
import { audit } from "#src/prove/facts/ledger.js";
import { runEvents } from "#src/prove/load/clients/events.js";
import { runWebSocket } from "#src/prove/load/clients/websocket.js";
import { EventStream } from "#src/prove/load/http1/event-stream.js";
import type { Run } from "#src/prove/load/run.js";
import { FrameReader } from "#src/prove/load/websocket/frames.js";
import { now } from "#src/prove/machine/now.js";
import { openRun, serveRaw, targetOn } from "./open-run.js";

for (const [name, text, isWhole, retryMs] of [
  ["nothing", "", true, 1_000],
  ["an event", "data: x\n\n", true, 1_000],
  ["an event with CRLF", "retry: 20\r\n\r\nevent: a\r\ndata: x\r\n\r\n", true, 20],
  ["an event with CR", "data: x\r\r", true, 1_000],
  ["a comment and a retry", "retry:70\n: hello\n", true, 70],
  ["half a line", "data: x\n\ndata", false, 1_000],
  ["a line without the blank one", "data: x\n", false, 1_000],
  ["a line with CRLF without the blank one", "data: x\r\n", false, 1_000],
] as const) {
  test(`event stream: ${name} → ${isWhole ? "whole" : "torn"}, whole and byte by byte`, () => {
    for (const size of [1, 1_000]) {
      const stream = new EventStream();
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += size) stream.take(bytes.subarray(at, at + size));
      assert.deepEqual([stream.isWhole, stream.retryMs], [isWhole, retryMs]);
    }
  });
}

const TYPE = "Content-Type: text/event-stream\r\n";
const HEAD = `HTTP/1.1 200 OK\r\n${TYPE}Transfer-Encoding: chunked\r\n\r\n`;
const EVENT = "9\r\ndata: x\n\n\r\n";

for (const [name, bytes, outcome] of [
  ["the last chunk after a whole event", `${HEAD}${EVENT}0\r\n\r\n`, "ok complete"],
  ["no last chunk after a whole event", `${HEAD}${EVENT}`, "ok between-events"],
  ["no last chunk inside an event", `${HEAD}${EVENT}6\r\ndata: \r\n`, "dropped truncated"],
  ["inside a chunk, after a whole event", `${HEAD}40\r\ndata: x\n\n`, "dropped truncated"],
  ["inside the size of a chunk", `${HEAD}${EVENT}4`, "dropped truncated"],
  ["the last chunk inside an event", `${HEAD}6\r\ndata: \r\n0\r\n\r\n`, "dropped truncated"],
  [
    "no length, closed after a whole event",
    `HTTP/1.1 200 OK\r\n${TYPE}\r\ndata: x\n\n`,
    "ok complete",
  ],
  ["no length, closed inside an event", `HTTP/1.1 200 OK\r\n${TYPE}\r\ndata`, "dropped truncated"],
] as const) {
  test(`an event stream's end: ${name} → ${outcome}`, async (t) => {
    const { run } = openRun();
    const port = await serveRaw(t, (socket) => socket.once("data", () => socket.end(bytes)));
    const connection = run.connect("events", targetOn(port));
    await run.request(connection, run.nextRequest(), new EventStream());
    connection.leave();
    assertEnds(run, [outcome]);
  });
}

test("an event stream's end: its client leaves → ok left", async (t) => {
  const { run } = openRun();
  const port = await serveRaw(t, (socket) => socket.once("data", () => socket.write(HEAD + EVENT)));
  const connection = run.connect("events", targetOn(port));
  const exchange = await run.begin(connection, run.nextRequest(), new EventStream());
  assert.ok(exchange !== undefined);
  connection.write(exchange, run.encode(connection, exchange.request));
  await exchange.begun;
  run.stop();
  assertEnds(run, ["ok left"]);
});

test("an event stream's client connects again after the `retry:` it was told, while there is a route", async (t) => {
  const { run } = openRun({ events: [{ method: "GET", path: "/events", body: "" }] });
  const asked: number[] = [];
  const port = await serveRaw(t, (socket) =>
    socket.once("data", () => {
      asked.push(now());
      if (asked.length === 3) run.route.set([]);
      socket.end(`${HEAD}b\r\nretry: 40\n\n\r\n0\r\n\r\n`);
    }),
  );
  run.route.set([targetOn(port)]);
  await runEvents(run, 0, () => {});
  assertEnds(run, ["ok complete", "ok complete", "ok complete"]);
  const [first = 0, second = 0] = asked;
  assert.ok(second - first >= 40);
});

test("a WebSocket's client connects again while there is a route", async (t) => {
  const { run } = openRun({ websockets: [{ method: "GET", path: "/ws", body: "" }] });
  let sockets = 0;
  const port = await serveUpgrade(t, (socket, accepted) => {
    sockets += 1;
    if (sockets === 2) run.route.set([]);
    socket.end(Buffer.concat([Buffer.from(accepted), Buffer.from([0x88, 2, 3, 0xe9])]));
  });
  run.route.set([targetOn(port)]);
  await runWebSocket(run, 0, () => {});
  assertEnds(run, ["ok closed", "ok closed"]);
});

interface WebSocketCase {
  readonly name: string;
  readonly bytes: readonly number[];
  readonly outcome: string;
  readonly status: number;
}

const WEBSOCKETS: readonly WebSocketCase[] = [
  { name: "1001", bytes: [0x88, 2, 3, 0xe9], outcome: "ok closed", status: 1001 },
  {
    name: "a ping and a message, then 1012",
    bytes: [0x89, 1, 0x70, 0x81, 1, 0x61, 0x88, 2, 3, 0xf4],
    outcome: "ok closed",
    status: 1012,
  },
  { name: "no code", bytes: [0x88, 0], outcome: "ok closed", status: 1005 },
  {
    name: "inside a message",
    bytes: [0x01, 1, 0x61, 0x88, 2, 3, 0xe9],
    outcome: "dropped truncated",
    status: 1001,
  },
  { name: "no close frame", bytes: [], outcome: "dropped abnormal-close", status: 101 },
  {
    name: "half a close frame",
    bytes: [0x88, 2, 3],
    outcome: "dropped abnormal-close",
    status: 101,
  },
  {
    name: "a masked frame",
    bytes: [0x88, 0x82, 1, 1, 1, 1, 3, 0xe9],
    outcome: "dropped malformed",
    status: 101,
  },
];

for (const { name, bytes, outcome, status } of WEBSOCKETS) {
  test(`a WebSocket's end: ${name} → ${outcome}`, async (t) => {
    const { run } = openRun();
    const port = await serveUpgrade(t, (socket, accepted) =>
      socket.end(Buffer.concat([Buffer.from(accepted), Buffer.from(bytes)])),
    );
    const connection = run.connectWebSocket(targetOn(port));
    await connection.join(connection.plan(run.nextRequest()));
    await connection.closed();
    assertEnds(run, [outcome]);
    assert.equal(run.recorder.entries[0]?.status, status);
  });
}

for (const [name, answer, outcome] of [
  ["503", "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "dropped 5xx"],
  ["404", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "dropped not-upgraded"],
  [
    "101 without the key's answer",
    "HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n",
    "dropped malformed",
  ],
  ["nothing", "", "dropped empty"],
] as const) {
  test(`a WebSocket's handshake: ${name} → ${outcome}`, async (t) => {
    const { run } = openRun();
    const port = await serveUpgrade(t, (socket) => socket.end(answer));
    const connection = run.connectWebSocket(targetOn(port));
    await connection.join(connection.plan(run.nextRequest()));
    assertEnds(run, [outcome]);
  });
}

test("a WebSocket's client answers a close frame in kind, masked, and waits for the end", async (t) => {
  const { run } = openRun();
  let answer = Buffer.alloc(0);
  const port = await serveUpgrade(t, (socket, accepted) => {
    socket.write(Buffer.concat([Buffer.from(accepted), Buffer.from([0x88, 2, 3, 0xe9])]));
    socket.on("data", (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= 8) socket.end();
    });
  });
  const connection = run.connectWebSocket(targetOn(port));
  await connection.join(connection.plan(run.nextRequest()));
  await connection.closed();
  assert.deepEqual([answer[0], answer[1], answer.length], [0x88, 0x82, 8]);
  const mask = answer.subarray(2, 6);
  const code = [...answer.subarray(6)].map((byte, at) => byte ^ (mask[at] ?? 0));
  assert.deepEqual(code, [3, 0xe9]);
  assert.equal(run.recorder.connections[0]?.end, "closed by service");
});

test("WebSocket frames: each length form, byte by byte", () => {
  for (const [head, length] of [
    [[0x82, 5], 5],
    [[0x82, 126, 0x01, 0x00], 256],
    [[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], 65_536],
  ] as const) {
    const bytes = Buffer.concat([Buffer.from(head), Buffer.alloc(length)]);
    for (const size of [1_000, bytes.length]) {
      const reader = new FrameReader();
      const frames = [];
      for (let at = 0; at < bytes.length; at += size) {
        frames.push(...reader.push(bytes.subarray(at, at + size)));
      }
      assert.deepEqual(
        frames.map(({ payload }) => payload.length),
        [length],
      );
    }
  }
});

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const CLOSE = OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");

for (const [name, answers, outcomes] of [
  ["all answered in one segment", OK + OK + CLOSE, ["ok complete", "ok complete", "ok complete"]],
  ["the first says close", CLOSE, ["ok complete", "dropped after-close", "dropped after-close"]],
  [
    "closed inside the second",
    OK + OK.slice(0, -1),
    ["ok complete", "dropped truncated", "dropped empty"],
  ],
] as const) {
  test(`pipelined requests: ${name} → ${outcomes.join(", ")}`, async (t) => {
    const { run } = openRun();
    const port = await serveRaw(t, (socket) => {
      let read = "";
      socket.on("data", (chunk) => {
        read += chunk.toString();
        if (read.split("\r\n\r\n").length === 4) socket.end(answers);
      });
    });
    const connection = run.connect("pipeline", targetOn(port));
    await Promise.all([1, 2, 3].map(() => run.request(connection, run.nextRequest())));
    connection.leave();
    assertEnds(run, outcomes);
  });
}

test("Expect: 100-continue is heard, and a final answer in its place too", async (t) => {
  for (const [answer, outcome] of [
    ["HTTP/1.1 100 Continue\r\n\r\n", "dropped unanswered"],
    ["HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n", "ok early"],
  ] as const) {
    const { run } = openRun();
    const port = await serveRaw(t, (socket) => socket.once("data", () => socket.write(answer)));
    const connection = run.connect("expect", targetOn(port));
    const exchange = await run.begin(connection, run.nextRequest());
    assert.ok(exchange !== undefined);
    connection.write(exchange, run.encode(connection, exchange.request, { uploadBytes: 5 }));
    await exchange.invited;
    connection.leave();
    assertEnds(run, [outcome]);
  }
});

function assertEnds(run: Run, outcomes: readonly string[]): void {
  const { entries, connections } = run.recorder;
  assert.deepEqual(
    entries.map(({ outcome, kind }) => `${outcome} ${kind}`),
    outcomes,
  );
  assert.deepEqual(audit(connections, entries), []);
}

/** A server that reads a handshake and is given the head that accepts it. */
function serveUpgrade(
  t: TestContext,
  onAsked: (socket: net.Socket, accepted: string) => void,
): Promise<number> {
  return serveRaw(t, (socket) => {
    socket.once("data", (chunk) => {
      const key = /^sec-websocket-key: (.*)$/im.exec(chunk.toString())?.[1] ?? "";
      const accept = createHash("sha1")
        .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest("base64");
      onAsked(
        socket,
        `HTTP/1.1 101 X\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
    });
  });
}
