import { randomBytes } from "node:crypto";

/** RFC 6455 §5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

const MAX_CONTROL = 125;
const OPCODES: ReadonlySet<number> = new Set(Object.values(OPCODE));

/** Reads a server's frames. What RFC 6455 does not allow ends it as malformed. */
export class FrameReader {
  isMalformed = false;
  #bytes: Buffer = Buffer.alloc(0);

  /** The frames that are complete with this chunk. */
  push(chunk: Buffer): Frame[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    const bytes = this.#bytes;
    const [first, second] = bytes;
    if (this.isMalformed || first === undefined || second === undefined) return undefined;
    const short = second & 0x7f;
    const start = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (!isAllowed(first, second)) this.isMalformed = true;
    if (this.isMalformed || bytes.length < start) return undefined;
    const length =
      short === 127
        ? Number(bytes.readBigUInt64BE(2))
        : short === 126
          ? bytes.readUInt16BE(2)
          : short;
    if (bytes.length < start + length) return undefined;
    this.#bytes = bytes.subarray(start + length);
    const payload = bytes.subarray(start, start + length);
    return { opcode: first & 0x0f, isFinal: first >= 0x80, payload };
  }
}

/** No extension was agreed on, so the reserved bits are 0; a server masks nothing (§5.1). */
function isAllowed(first: number, second: number): boolean {
  const opcode = first & 0x0f;
  const isControl = opcode >= OPCODE.close;
  if ((first & 0x70) !== 0 || second >= 0x80 || !OPCODES.has(opcode)) return false;
  return !isControl || (first >= 0x80 && second <= MAX_CONTROL);
}

/** A client's control frame, masked as §5.3 asks. */
export function encodeControl(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), mask, masked]);
}
