/** RFC 9113 §6.9.2. */
const INITIAL = 65_535;

type Write = (stream: number, bytes: Buffer, isLast: boolean) => void;

interface Sender {
  window: number;
  rest: Buffer;
}

/** What the service lets this client send: a window for the session and one for each stream. */
export class SendWindows {
  readonly #write: Write;
  readonly #senders = new Map<number, Sender>();
  #session = INITIAL;
  #initial = INITIAL;

  constructor(write: Write) {
    this.#write = write;
  }

  /** Writes a body, now or as the windows open. */
  send(stream: number, body: Buffer): void {
    this.#senders.set(stream, { window: this.#initial, rest: body });
    this.#flush();
  }

  /** WINDOW_UPDATE; stream 0 is the session. */
  grow(stream: number, bytes: number): void {
    const sender = this.#senders.get(stream);
    if (stream === 0) this.#session += bytes;
    else if (sender !== undefined) sender.window += bytes;
    this.#flush();
  }

  /** SETTINGS_INITIAL_WINDOW_SIZE changes the windows of open streams too, even to below zero. */
  setInitial(bytes: number): void {
    for (const sender of this.#senders.values()) sender.window += bytes - this.#initial;
    this.#initial = bytes;
    this.#flush();
  }

  forget(stream: number): void {
    this.#senders.delete(stream);
  }

  #flush(): void {
    for (const [stream, sender] of this.#senders) {
      const room = Math.max(0, Math.min(this.#session, sender.window));
      const part = sender.rest.subarray(0, room);
      if (part.length === 0) continue;
      sender.rest = sender.rest.subarray(part.length);
      sender.window -= part.length;
      this.#session -= part.length;
      const isLast = sender.rest.length === 0;
      if (isLast) this.#senders.delete(stream);
      this.#write(stream, part, isLast);
    }
  }
}
