import assert from "node:assert/strict";
import { test } from "node:test";

import { FrameStream } from "#src/server/upgraded/frames.js";

const ANSWER = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

/** A frame as a server sends it. */
function frame(opcode: number, size: number, fin = true, mask = 0): Buffer {
  const first = opcode | (fin ? 0x80 : 0);
  const long = Buffer.alloc(10);
  let head: Buffer;
  if (size < 126) head = Buffer.from([first, size]);
  else if (size < 65_536) head = Buffer.from([first, 126, size >> 8, size & 0xff]);
  else {
    long[0] = first;
    long[1] = 127;
    long.writeBigUInt64BE(BigInt(size), 2);
    head = long;
  }
  head[1]! |= mask;
  // A payload that looks like close frames.
  return Buffer.concat([head, Buffer.alloc(mask === 0 ? 0 : 4), Buffer.alloc(size, 0x88)]);
}

/** A stream of frames, and at which of its positions a frame, and a message, is over. */
function script(): { bytes: Buffer; frames: Set<number>; messages: Set<number> } {
  const parts: [Buffer, endsMessage: boolean][] = [
    [Buffer.from(ANSWER), true],
    [frame(1, 0), true],
    [frame(1, 5), true],
    [frame(2, 125), true],
    [frame(2, 126), true],
    [frame(1, 3, false), false],
    [frame(9, 4), false],
    [frame(0, 300, false), false],
    [frame(10, 0), false],
    [frame(0, 70_000), true],
    [frame(2, 7, true, 0x80), true],
    [frame(1, 65_536), true],
  ];
  const frames = new Set<number>();
  const messages = new Set<number>();
  let at = 0;
  for (const [part, endsMessage] of parts) {
    at += part.length;
    frames.add(at);
    if (endsMessage) messages.add(at);
  }
  return { bytes: Buffer.concat(parts.map(([part]) => part)), frames, messages };
}

for (const size of [1, 2, 3, 7, 64, 1_000, 1_000_000]) {
  test(`frames and messages are told apart in chunks of ${size} bytes`, () => {
    const { bytes, frames, messages } = script();
    const stream = new FrameStream();
    for (let at = 0; at < bytes.length; at += size) {
      stream.follow(bytes.subarray(at, at + size));
      const end = Math.min(at + size, bytes.length);
      assert.equal(stream.isBetweenFrames, frames.has(end), `frames at ${end}`);
      assert.equal(stream.isBetweenMessages, messages.has(end), `messages at ${end}`);
    }
    assert.equal(stream.isClosed, false);
    stream.follow(frame(8, 2));
    assert.equal(stream.isClosed, true);
  });
}

test("an answer that is no 101 makes no WebSocket, whatever follows", () => {
  const stream = new FrameStream();
  stream.follow(Buffer.from("HTTP/1.1 401 Unauthorized\r\n\r\n"));
  stream.follow(frame(1, 5));
  assert.deepEqual([stream.isOpen, stream.isRefused, stream.isBetweenFrames], [false, true, false]);
});
