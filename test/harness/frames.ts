import { connect, type Target, type Wire } from "./wire.js";

/** Types of frames, RFC 9113 §6. */
const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const GOAWAY = 7;

const END_STREAM = 1;
const END_HEADERS = 4;

export interface Frame {
  type: number;
  flags: number;
  stream: number;
  payload: Buffer;
}

/** A client of HTTP/2 that is nothing but frames, and does nothing that the test does not say. */
export class FrameWire {
  readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  /** The client's part of the connection preface, RFC 9113 §3.4. */
  async preface(): Promise<void> {
    await this.wire.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    await this.#send(SETTINGS, 0, 0, Buffer.alloc(0));
  }

  /** A request's head; the whole request unless `more` is to come. */
  request(stream: number, method: "GET" | "POST", path: string, more = false): Promise<void> {
    // HPACK without a table: indexed `:method` and `:scheme`, literal `:path` and `:authority`.
    const block = Buffer.concat([
      Buffer.from([method === "GET" ? 0x82 : 0x83, 0x86, 0x04, path.length]),
      Buffer.from(path),
      Buffer.from([0x01, 4]),
      Buffer.from("test"),
    ]);
    return this.#send(HEADERS, more ? END_HEADERS : END_HEADERS | END_STREAM, stream, block);
  }

  /** Part of a request's body. */
  data(stream: number, body: Buffer, isLast: boolean): Promise<void> {
    return this.#send(DATA, isLast ? END_STREAM : 0, stream, body);
  }

  reset(stream: number, code: number): Promise<void> {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(code);
    return this.#send(RST_STREAM, 0, stream, payload);
  }

  #send(type: number, flags: number, stream: number, payload: Buffer): Promise<void> {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    return this.wire.send(Buffer.concat([head, payload]));
  }

  /** Every whole frame that has come back. */
  get frames(): Frame[] {
    const { received } = this.wire;
    const frames: Frame[] = [];
    for (let at = 0; at + 9 <= received.length;) {
      const end = at + 9 + received.readUIntBE(at, 3);
      if (end > received.length) break;
      frames.push({
        type: received.readUInt8(at + 3),
        flags: received.readUInt8(at + 4),
        stream: received.readUInt32BE(at + 5) & 0x7fffffff,
        payload: received.subarray(at + 9, end),
      });
      at = end;
    }
    return frames;
  }

  of(type: number, stream = 0): Frame[] {
    return this.frames.filter((frame) => frame.type === type && frame.stream === stream);
  }

  /** Resolves to the first frame of a type on a stream. */
  sees(type: number, stream = 0): Promise<Frame> {
    return this.wire.until(`frame ${type} on stream ${stream}`, () => this.of(type, stream)[0]);
  }

  /** Resolves to a response's body, once its last frame has come. `ok`: the status was 200. */
  async response(stream: number): Promise<{ ok: boolean; body: string }> {
    await this.wire.until(`the end of stream ${stream}`, () =>
      this.frames.find((frame) => frame.stream === stream && isLast(frame)),
    );
    // `:status: 200` is the eighth entry of HPACK's static table, RFC 7541 appendix A.
    const ok = this.of(HEADERS, stream)[0]?.payload.includes(0x88) ?? false;
    const body = Buffer.concat(this.of(DATA, stream).map(({ payload }) => payload)).toString();
    return { ok, body };
  }

  /** Every GOAWAY so far. */
  get goaways(): { last: number; code: number }[] {
    return this.of(GOAWAY).map(({ payload }) => ({
      last: payload.readUInt32BE(0) & 0x7fffffff,
      code: payload.readUInt32BE(4),
    }));
  }
}

function isLast({ type, flags }: Frame): boolean {
  return (type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0;
}

/** Connects, and sends nothing. */
export async function connectFrames(
  target: Target,
  options: { allowHalfOpen?: boolean } = {},
): Promise<FrameWire> {
  return new FrameWire(await connect({ ...target, alpn: ["h2"] }, options));
}

/** Connects, and begins a session of HTTP/2. */
export async function openFrames(
  target: Target,
  options: { allowHalfOpen?: boolean } = {},
): Promise<FrameWire> {
  const client = await connectFrames(target, options);
  await client.preface();
  await client.sees(SETTINGS);
  return client;
}
