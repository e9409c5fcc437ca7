import type { Readable } from "node:stream";
import type { LastWords } from "../facts/stop.js";

const MAX_LINES = 20;
const MAX_BYTES = 8_192;
const MAX_TORN = 200;
const MAX_REPORTS = 100;
/** What is longer is no line that a person reads. A drain report with all its parts has a few thousand. */
const MAX_LINE = 262_144;
const NEWLINE = 0x0a;
const REPORT = '{"lastcall":"drain"';

/** Told each line that a process writes, and where. */
export type OnLine = (from: "stdout" | "stderr", text: string) => void;

/**
 * The end of what a process wrote. It reads as fast as the process writes and keeps only the last
 * bytes: a pipe that is not read would block the process, and one that is kept grows for ever.
 */
export class OutputTail {
  #tail: Buffer = Buffer.alloc(0);
  /** Of each stream what came after its last line end. */
  readonly #torn = new Map<Readable, Buffer>();
  readonly #lines: string[] = [];
  readonly #reports: string[] = [];
  readonly #onLine: OnLine;

  constructor(streams: Readonly<Record<"stdout" | "stderr", Readable | null>>, onLine: OnLine) {
    this.#onLine = onLine;
    for (const from of ["stdout", "stderr"] as const) {
      const stream = streams[from];
      stream?.on("data", (chunk: Buffer) => {
        this.#take(chunk);
        this.#takeLines(stream, from, chunk);
      });
      stream?.on("end", () => {
        const torn = this.#torn.get(stream) ?? Buffer.alloc(0);
        if (torn.length > 0) onLine(from, torn.toString());
      });
    }
  }

  /** The last lines, of stdout and stderr together. */
  text(): string {
    return this.#tail.toString().trimEnd().split("\n").slice(-MAX_LINES).join("\n");
  }

  lastWords(): LastWords {
    const torn = [...this.#torn.values()].find((line) => line.length > 0);
    return {
      lines: [...this.#lines],
      reports: [...this.#reports],
      tornLine: torn?.subarray(0, MAX_TORN).toString() ?? null,
    };
  }

  #takeLines(stream: Readable, from: "stdout" | "stderr", chunk: Buffer): void {
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
      const rest = chunk.subarray(begin, end);
      const before = this.#torn.get(stream);
      this.#torn.delete(stream);
      this.#takeLine(from, (before === undefined ? rest : join(before, rest)).toString());
      begin = end + 1;
    }
    if (begin === chunk.length) return;
    this.#torn.set(stream, join(this.#torn.get(stream), chunk.subarray(begin)));
  }

  #takeLine(from: "stdout" | "stderr", text: string): void {
    this.#onLine(from, text);
    const isReport = text.startsWith(REPORT);
    const kept = isReport ? this.#reports : this.#lines;
    kept.push(text);
    if (kept.length > (isReport ? MAX_REPORTS : MAX_LINES)) kept.shift();
  }

  #take(chunk: Buffer): void {
    // A copy, as a slice would keep the whole chunk.
    const isEnough = chunk.length >= MAX_BYTES;
    const all = isEnough ? chunk : Buffer.concat([this.#tail, chunk]);
    this.#tail = Buffer.from(all.subarray(-MAX_BYTES));
  }
}

function join(before: Buffer | undefined, after: Buffer): Buffer {
  return Buffer.concat([before ?? Buffer.alloc(0), after]).subarray(0, MAX_LINE);
}

/** Says in a sentence what a process wrote. */
export function describeOutput(text: string): string {
  return text === "" ? "It wrote nothing." : `Its last output:\n${text}`;
}
