// HTTP/2 as the load's clients speak it: the bytes, and what the ledger makes of each end.
import assert from "node:assert/strict";
import http2 from "node:http2";
import type net from "node:net";
import { test, type TestContext } from "node:test";
import { audit } from "#src/prove/facts/ledger.js";
import { runH2 } from "#src/prove/load/clients/h2.js";
import { encodeFrame, encodeSettings, FrameReader, TYPE } from "#src/prove/load/http2/frames.js";
import { decodeStatus } from "#src/prove/load/http2/hpack.js";
import type { Run } from "#src/prove/load/run.js";
import { openRun, serveRaw, targetOn } from "./open-run.js";

const PREFACE_BYTES = 24;
const GET = { method: "GET", path: "/", body: "" };
/** `:status: 200`, indexed. */
const OK = Buffer.from([0x88]);

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

function headers(stream: number, block: Buffer, flags: number): Buffer {
  return encodeFrame(TYPE.headers, flags, stream, block);
}

interface Case {
  readonly name: string;
  /** What the service writes when it has read the request on stream 1. */
  readonly answer: (socket: net.Socket) => void;
  readonly outcome: string;
}

const END = 0x5;
const OPEN = 0x4;

const CASES: readonly Case[] = [
  {
    name: "a whole answer",
    answer: (socket) => socket.write(headers(1, OK, END)),
    outcome: "ok complete",
  },
  {
    name: "an interim answer, one in parts with padding and priority, data, trailers",
    answer: (socket) => {
      // 103, a literal; then 200 split over HEADERS and CONTINUATION.
      const early = Buffer.from([0x08, 3, 0x31, 0x30, 0x33]);
      const padded = Buffer.concat([
        Buffer.from([2]),
        u32(0),
        Buffer.from([7]),
        OK,
        Buffer.alloc(2),
      ]);
      const field = Buffer.from([0x00, 1, 0x61, 1, 0x62]);
      const data = Buffer.from("hello");
      socket.write(
        Buffer.concat([
          headers(1, early, OPEN),
          headers(1, padded, 0x28),
          encodeFrame(TYPE.continuation, OPEN, 1, field),
          encodeFrame(TYPE.data, 0, 1, data),
          headers(1, field, END),
        ]),
      );
    },
    outcome: "ok complete",
  },
  {
    name: "503, a literal in the Huffman code",
    answer: (socket) => socket.write(headers(1, Buffer.from([0x08, 0x83, 0x6c, 0x0c, 0xff]), END)),
    outcome: "dropped 5xx",
  },
  {
    name: "RST_STREAM with REFUSED_STREAM",
    answer: (socket) => socket.write(encodeFrame(TYPE.rstStream, 0, 1, u32(7))),
    outcome: "retryable refused-stream",
  },
  {
    name: "RST_STREAM with CANCEL",
    answer: (socket) => socket.write(encodeFrame(TYPE.rstStream, 0, 1, u32(8))),
    outcome: "dropped reset",
  },
  {
    name: "GOAWAY below the stream",
    answer: (socket) => socket.end(encodeFrame(TYPE.goaway, 0, 0, u32(0, 0))),
    outcome: "retryable above-goaway",
  },
  {
    name: "GOAWAY that promises the stream, and its answer",
    answer: (socket) =>
      socket.write(Buffer.concat([encodeFrame(TYPE.goaway, 0, 0, u32(1, 0)), headers(1, OK, END)])),
    outcome: "ok complete",
  },
  {
    name: "GOAWAY that promises the stream, and then the end",
    answer: (socket) => socket.end(encodeFrame(TYPE.goaway, 0, 0, u32(1, 0))),
    outcome: "dropped empty",
  },
  {
    name: "a last stream that rises",
    answer: (socket) =>
      socket.write(
        Buffer.concat([
          encodeFrame(TYPE.goaway, 0, 0, u32(1, 0)),
          encodeFrame(TYPE.goaway, 0, 0, u32(3, 0)),
        ]),
      ),
    outcome: "dropped malformed",
  },
  {
    name: "the end without a GOAWAY",
    answer: (socket) => socket.end(),
    outcome: "dropped empty",
  },
  {
    name: "the end inside the answer",
    answer: (socket) => socket.end(headers(1, OK, OPEN)),
    outcome: "dropped truncated",
  },
  {
    name: "HTTP/1.1",
    answer: (socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"),
    outcome: "dropped malformed",
  },
];

for (const { name, answer, outcome } of CASES) {
  test(`an HTTP/2 request's end: ${name} → ${outcome}`, async (t) => {
    const { run, faults } = openRun();
    const isOwn = name === "HTTP/1.1";
    const port = await serveH2(t, answer, isOwn ? "" : encodeSettings([]));
    const session = run.connectH2("h2", targetOn(port));
    await session.send(session.plan(GET));
    session.leave();
    assert.deepEqual(shown(run), [outcome]);
    assert.deepEqual(audit(run.recorder.connections, run.recorder.entries), []);
    assert.deepEqual(faults, []);
  });
}

test("an HTTP/2 request's end: frames before SETTINGS → dropped malformed", async (t) => {
  const { run } = openRun();
  const port = await serveH2(t, (socket) => socket.write(headers(1, OK, END)), "");
  const session = run.connectH2("h2", targetOn(port));
  await session.send(session.plan(GET));
  assert.deepEqual(shown(run), ["dropped malformed"]);
});

test("an HTTP/2 client sends again, on a new session, what was refused as safe, and that may fail too", async (t) => {
  const { run, faults } = openRun({ h2: [GET], maxRequests: 12 });
  let sessions = 0;
  const server = http2.createServer();
  server.on("session", (session) => {
    sessions += 1;
    const isFirst = sessions === 1;
    session.on("stream", (stream) => {
      stream.on("error", () => {});
      if (isFirst) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      else stream.respond({}, { endStream: true });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  run.route.set([targetOn(port)]);
  await runH2(run, 0, () => {});
  const outcomes = run.recorder.entries.map(({ connection, outcome }) => [connection, outcome]);
  assert.ok(outcomes.some(([, outcome]) => outcome === "retryable"));
  for (const [connection, outcome] of outcomes) {
    assert.equal(outcome, connection === 1 ? "retryable" : "ok");
  }
  assert.deepEqual(faults, []);

  const again = openRun().run;
  const refusing = await serveH2(t, (socket) =>
    socket.write(encodeFrame(TYPE.rstStream, 0, 1, u32(7))),
  );
  const session = again.connectH2("h2", targetOn(refusing));
  await session.send(session.plan(GET), true);
  session.leave();
  assert.deepEqual(shown(again), ["dropped refused-again"]);
});

test("an HTTP/2 body waits for the windows, and Node's own server reads it whole", async (t) => {
  const body = "x".repeat(200_000);
  const { run } = openRun();
  const server = http2.createServer({ settings: { initialWindowSize: 1_000 } });
  let received = 0;
  server.on("stream", (stream) => {
    stream.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    stream.on("end", () => stream.respond({ ":status": 418 }, { endStream: true }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  const session = run.connectH2("h2", targetOn(port));
  await session.send(session.plan({ method: "POST", path: "/", body }));
  session.leave();
  assert.equal(received, body.length);
  assert.deepEqual(
    run.recorder.entries.map(({ outcome, status }) => [outcome, status]),
    [["ok", 418]],
  );
});

test("HPACK: a status in each of its forms, and what cannot be read", () => {
  assert.equal(decodeStatus(Buffer.from([0x20, 0x8d])), 404, "table size update, then indexed");
  assert.equal(decodeStatus(Buffer.from([0x48, 3, 0x34, 0x31, 0x38])), 418, "literal");
  assert.equal(decodeStatus(Buffer.from([0x0f, 0x01, 1, 0x61])), undefined, "another field");
  for (const block of [
    [0xff, 0x00],
    [0x80],
    [0x08, 9, 0x31],
    [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff],
  ]) {
    assert.throws(() => decodeStatus(Buffer.from(block)), RangeError);
  }
});

function shown(run: Run): string[] {
  return run.recorder.entries.map(({ outcome, kind }) => `${outcome} ${kind}`);
}

/** A server that writes its settings, and its answer once it has read a request. */
function serveH2(
  t: TestContext,
  answer: (socket: net.Socket) => void,
  settings: Buffer | string = encodeSettings([]),
): Promise<number> {
  return serveRaw(t, (socket) => {
    let read = Buffer.alloc(0);
    let isAnswered = false;
    if (settings.length > 0) socket.write(settings);
    socket.on("data", (chunk: Buffer) => {
      read = Buffer.concat([read, chunk]);
      const frames = new FrameReader().push(read.subarray(PREFACE_BYTES));
      if (isAnswered || !frames.some(({ type }) => type === TYPE.headers)) return;
      isAnswered = true;
      answer(socket);
    });
  });
}
