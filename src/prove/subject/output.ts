import type { Readable } from "node:stream";

const MAX_LINES = 20;
const MAX_BYTES = 8_192;
const MAX_TORN = 200;
const NEWLINE = 0x0a;

/**
 * The end of what a process wrote. It reads as fast as the process writes and keeps only the last
 * bytes: a pipe that nobody reads would block the process, and one that is kept grows for ever.
 */
export class OutputTail {
  #tail: Buffer = Buffer.alloc(0);
  /** Of each stream what came after its last line end. */
  readonly #torn = new Map<Readable, Buffer>();

  constructor(streams: readonly (Readable | null)[]) {
    for (const stream of streams) {
      stream?.on("data", (chunk: Buffer) => {
        this.#take(chunk);
        this.#takeLine(stream, chunk);
      });
    }
  }

  /** The last lines, of stdout and stderr together. */
  text(): string {
    return this.#tail.toString().trimEnd().split("\n").slice(-MAX_LINES).join("\n");
  }

  /** The beginning of a line that has no end so far; null when there is none. */
  tornLine(): string | null {
    const torn = [...this.#torn.values()].find((line) => line.length > 0);
    return torn?.toString() ?? null;
  }

  #takeLine(stream: Readable, chunk: Buffer): void {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    const before = end === 0 ? (this.#torn.get(stream) ?? Buffer.alloc(0)) : Buffer.alloc(0);
    const line = Buffer.concat([before, chunk.subarray(end, end + MAX_TORN)]);
    this.#torn.set(stream, line.subarray(0, MAX_TORN));
  }

  #take(chunk: Buffer): void {
    // A copy, as a slice would keep the whole chunk.
    const isEnough = chunk.length >= MAX_BYTES;
    const all = isEnough ? chunk : Buffer.concat([this.#tail, chunk]);
    this.#tail = Buffer.from(all.subarray(-MAX_BYTES));
  }
}

/** Says in a sentence what a process wrote. */
export function describeOutput(text: string): string {
  return text === "" ? "It wrote nothing." : `Its last output:\n${text}`;
}
