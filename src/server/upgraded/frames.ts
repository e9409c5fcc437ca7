/** RFC 6455 §5.2. */
const FIN = 0x80;
const MASKED = 0x80;
const FIRST_CONTROL = 8;
const CLOSE = 8;

/** How an answer begins that lets the client speak, and what ends its head. */
const YES = "HTTP/1.1 101";
const HEAD_END = "\r\n\r\n";

/**
 * Where the server's half of a WebSocket is: in the answer to its handshake, in a frame, between two
 * messages. Counts, and keeps nothing of what passes.
 */
export class FrameStream {
  /** Whether the handshake is answered, and with yes. */
  isOpen = false;
  /** Whether the server has sent a close frame. */
  isClosed = false;
  /** Whether the handshake was answered with no: this is no WebSocket. */
  isRefused = false;
  #answered = 0;
  #matched = 0;
  #head: number[] = [];
  #left = 0;
  #isFragmented = false;

  /** Whether a frame may be put in here without tearing a message. */
  get isBetweenMessages(): boolean {
    return this.isBetweenFrames && !this.#isFragmented;
  }

  /** Control frames may come between the frames of a message (RFC 6455 §5.4). */
  get isBetweenFrames(): boolean {
    return this.isOpen && this.#left === 0 && this.#head.length === 0;
  }

  /** Bytes go out. */
  follow(bytes: Uint8Array): void {
    let at = this.isOpen ? 0 : this.#followAnswer(bytes);
    while (at < bytes.length) {
      if (this.#left === 0) {
        this.#followHead(bytes[at++]!);
        continue;
      }
      const step = Math.min(this.#left, bytes.length - at);
      this.#left -= step;
      at += step;
    }
  }

  /** Returns how many bytes belong to the answer. */
  #followAnswer(bytes: Uint8Array): number {
    for (const [index, byte] of bytes.entries()) {
      const place = this.#answered++;
      this.isRefused ||= place < YES.length && byte !== YES.charCodeAt(place);
      if (this.isRefused) break;
      const isNext = byte === HEAD_END.charCodeAt(this.#matched);
      this.#matched = isNext ? this.#matched + 1 : Number(byte === HEAD_END.charCodeAt(0));
      this.isOpen = this.#matched === HEAD_END.length;
      if (this.isOpen) return index + 1;
    }
    return bytes.length;
  }

  #followHead(byte: number): void {
    const head = this.#head;
    head.push(byte);
    const [first, second] = head;
    if (first === undefined || second === undefined) return;
    const short = second & 0x7f;
    const more = short === 127 ? 8 : short === 126 ? 2 : 0;
    const mask = (second & MASKED) === 0 ? 0 : 4;
    if (head.length < 2 + more + mask) return;
    const long = head.slice(2, 2 + more).reduce((sum, each) => sum * 256 + each, 0);
    this.#left = more === 0 ? short : long;
    this.#head = [];
    const opcode = first & 0x0f;
    if (opcode < FIRST_CONTROL) this.#isFragmented = (first & FIN) === 0;
    if (opcode === CLOSE) this.isClosed = true;
  }
}
