import type { Readable } from "node:stream";

const MAX_LINES = 20;
const MAX_BYTES = 8_192;

/**
 * The end of what a process wrote. It reads as fast as the process writes and keeps only the last
 * bytes: a pipe that nobody reads would block the process, and one that is kept grows for ever.
 */
export class OutputTail {
  #tail: Buffer = Buffer.alloc(0);

  constructor(streams: readonly (Readable | null)[]) {
    for (const stream of streams) stream?.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  /** The last lines, of stdout and stderr together. */
  text(): string {
    return this.#tail.toString().trimEnd().split("\n").slice(-MAX_LINES).join("\n");
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
