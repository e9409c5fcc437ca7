/** RFC 9113 §6. */
export const TYPE = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = {
  ack: 0x1,
  endStream: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/** RFC 9113 §6.5.2. */
export const SETTING = { headerTableSize: 1, enablePush: 2, initialWindowSize: 4 } as const;

/** RFC 9113 §7. */
export const REFUSED_STREAM = 7;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const HEAD = 9;
// The initial SETTINGS_MAX_FRAME_SIZE, which this client does not raise.
export const MAX_PAYLOAD = 16_384;

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  isMalformed = false;
  #bytes: Buffer = Buffer.alloc(0);

  /** The frames that are complete with this chunk. */
  push(chunk: Buffer): Frame[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    const bytes = this.#bytes;
    if (this.isMalformed || bytes.length < HEAD) return undefined;
    const length = bytes.readUIntBE(0, 3);
    this.isMalformed = length > MAX_PAYLOAD;
    if (this.isMalformed || bytes.length < HEAD + length) return undefined;
    this.#bytes = bytes.subarray(HEAD + length);
    return {
      type: bytes.readUInt8(3),
      flags: bytes.readUInt8(4),
      stream: bytes.readUInt32BE(5) & 0x7fffffff,
      payload: bytes.subarray(HEAD, HEAD + length),
    };
  }
}

export function encodeFrame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function encodeSettings(settings: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(settings.length * 6);
  for (const [index, [name, value]] of settings.entries()) {
    payload.writeUInt16BE(name, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return encodeFrame(TYPE.settings, 0, 0, payload);
}

/** Reads one setting out of a SETTINGS frame; undefined when it is not in it. */
export function readSetting(payload: Buffer, name: number): number | undefined {
  for (let at = 0; at + 6 <= payload.length; at += 6) {
    if (payload.readUInt16BE(at) === name) return payload.readUInt32BE(at + 2);
  }
  return undefined;
}

/** The window grows by as much as was read: nothing is ever held back by this client. */
export function encodeWindowUpdate(stream: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return encodeFrame(TYPE.windowUpdate, 0, stream, payload);
}

/** What a HEADERS or DATA frame carries without its padding and priority (§6.1, §6.2). */
export function unpad({ type, flags, payload }: Frame): Buffer | undefined {
  const isPadded = (flags & FLAG.padded) !== 0;
  const padding = isPadded ? (payload[0] ?? 0) : 0;
  const priority = type === TYPE.headers && (flags & FLAG.priority) !== 0 ? 5 : 0;
  const start = (isPadded ? 1 : 0) + priority;
  const end = payload.length - padding;
  return end < start ? undefined : payload.subarray(start, end);
}
