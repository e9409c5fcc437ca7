// As much of HPACK (RFC 7541) as a client needs that only wants to know the status: it allows no
// dynamic table, so that an index means the static one, and skips every field but `:status`.

const STATIC_SIZE = 61;
/** Static table, index 8 to 14. */
const FIRST_STATUS = 8;
const STATUSES = [200, 204, 206, 304, 400, 404, 500];

/** The digits in the Huffman code of appendix B. */
const DIGITS: Readonly<Record<string, string>> = {
  "00000": "0",
  "00001": "1",
  "00010": "2",
  "011001": "3",
  "011010": "4",
  "011011": "5",
  "011100": "6",
  "011101": "7",
  "011110": "8",
  "011111": "9",
};

/** Static table entries whose names a request needs. */
const NAME = { authority: 1, method: 2, path: 4 } as const;
const SCHEME = { http: 0x86, https: 0x87 } as const;

export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly scheme: "http" | "https";
  readonly authority: string;
  readonly fields: readonly (readonly [string, string])[];
}

/** The field block of a request: literals that are not to be indexed. */
export function encodeHead({ method, path, scheme, authority, fields }: RequestHead): Buffer {
  return Buffer.concat([
    Buffer.from([NAME.method]),
    encodeText(method),
    Buffer.from([SCHEME[scheme], NAME.authority]),
    encodeText(authority),
    Buffer.from([NAME.path]),
    encodeText(path),
    ...fields.flatMap(([name, value]) => [Buffer.from([0]), encodeText(name), encodeText(value)]),
  ]);
}

/**
 * The status of an answer's field block; undefined for trailers, which have none. Throws a
 * RangeError for what cannot be read.
 */
export function decodeStatus(block: Buffer): number | undefined {
  const reader = new Reader(block);
  let status: number | undefined;
  while (!reader.isAtEnd) status = readField(reader) ?? status;
  return status;
}

/** RFC 7541 §6: the first bits tell the five representations apart. */
function readField(reader: Reader): number | undefined {
  const first = reader.peek();
  if (first >= 0x80) {
    const index = reader.integer(7);
    if (index === 0 || index > STATIC_SIZE) throw new RangeError("no such table entry");
    return STATUSES[index - FIRST_STATUS];
  }
  if (first >= 0x20 && first < 0x40) {
    reader.integer(5);
    return undefined;
  }
  const index = reader.integer(first >= 0x40 ? 6 : 4);
  if (index > STATIC_SIZE) throw new RangeError("no such table entry");
  if (index === 0) reader.text();
  const value = reader.text();
  const isStatus = index >= FIRST_STATUS && index < FIRST_STATUS + STATUSES.length;
  return isStatus ? Number(value.isHuffman ? decodeDigits(value.bytes) : value.bytes) : undefined;
}

function decodeDigits(bytes: Buffer): string {
  let code = "";
  let digits = "";
  for (const byte of bytes) {
    for (const bit of byte.toString(2).padStart(8, "0")) {
      code += bit;
      const digit = DIGITS[code];
      if (digit === undefined) continue;
      digits += digit;
      code = "";
    }
  }
  return digits;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  peek(): number {
    return this.#bytes.readUInt8(this.#at);
  }

  /** RFC 7541 §5.1. */
  integer(prefixBits: number): number {
    const most = 2 ** prefixBits - 1;
    let value = this.#next() & most;
    if (value < most) return value;
    for (let factor = 1; factor < 2 ** 28; factor *= 128) {
      const byte = this.#next();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new RangeError("an integer without an end");
  }

  /** RFC 7541 §5.2. */
  text(): { isHuffman: boolean; bytes: Buffer } {
    const isHuffman = this.peek() >= 0x80;
    const length = this.integer(7);
    if (this.#at + length > this.#bytes.length) throw new RangeError("a text past the block's end");
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return { isHuffman, bytes };
  }

  #next(): number {
    const byte = this.peek();
    this.#at += 1;
    return byte;
  }
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([encodeLength(bytes.length), bytes]);
}

function encodeLength(length: number): Buffer {
  if (length < 127) return Buffer.from([length]);
  const bytes = [127];
  let rest = length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
