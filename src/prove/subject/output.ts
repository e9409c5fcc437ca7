import type { Readable } from "node:stream";
import type { LastWords } from "../facts/stop.js";

const MAX_LINES = 20;
/** More is kept than is told, as the head of an error may stand far above its end. */
const MAX_KEPT = 500;
const MAX_KEPT_LENGTH = 131_072;
const MAX_TORN = 200;
/** What a person reads of a line. */
const MAX_SHOWN = 1_000;
const MAX_REPORTS = 100;
/** What is longer is no line that a person reads. A drain report with all its parts has a few thousand. */
const MAX_LINE = 262_144;
const NEWLINE = 0x0a;
const REPORT = '{"lastcall":"drain"';

/** Told each line that a process writes, and where. */
export type OnLine = (from: "stdout" | "stderr", text: string) => void;

/**
 * The end of what a process wrote. It reads as fast as the process writes and keeps only the last
 * lines: a pipe that is not read would block the process, and one that is kept grows for ever.
 */
export class OutputTail {
  /** Of each stream what came after its last line end. */
  readonly #torn = new Map<Readable, Buffer>();
  readonly #lines: string[] = [];
  /** Of all those together. */
  #length = 0;
  readonly #reports: string[] = [];
  readonly #onLine: OnLine;

  constructor(streams: Readonly<Record<"stdout" | "stderr", Readable | null>>, onLine: OnLine) {
    this.#onLine = onLine;
    for (const from of ["stdout", "stderr"] as const) {
      const stream = streams[from];
      stream?.on("data", (chunk: Buffer) => {
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
    const torn = [...this.#torn.values()].map((line) => line.toString());
    const lines = [...this.#lines, ...torn].join("\n").trimEnd().split("\n");
    return lastLines(lines, MAX_LINES).map(shorten).join("\n");
  }

  lastWords(): LastWords {
    const torn = [...this.#torn.values()].find((line) => line.length > 0);
    return {
      lines: lastLines(this.#lines, MAX_LINES),
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
    if (text.startsWith(REPORT)) {
      this.#reports.push(text);
      if (this.#reports.length > MAX_REPORTS) this.#reports.shift();
      return;
    }
    this.#lines.push(text);
    this.#length += text.length;
    while (this.#lines.length > (this.#length > MAX_KEPT_LENGTH ? MAX_LINES : MAX_KEPT)) {
      this.#length -= this.#lines.shift()?.length ?? 0;
    }
  }
}

function join(before: Buffer | undefined, after: Buffer): Buffer {
  return Buffer.concat([before ?? Buffer.alloc(0), after]).subarray(0, MAX_LINE);
}

/** Says in a sentence what a process wrote. */
export function describeOutput(text: string): string {
  return text === "" ? "It wrote nothing." : `Its last output:\n${text}`;
}

function shorten(line: string): string {
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}

/** A line of a stack, as Node, Java and .NET write it, or Go before one. */
const FRAME = /^\s+at \S|^goroutine \d+ \[/;
/** Where Node's error event of which nothing was told came from: a second stack of the same error. */
const SECOND_STACK = /^Emitted '.+' event .*at:$/;
const NAMES_ERROR = /(?:error|exception|panic|fatal)\b/i;
/** A message has as many lines at most, and as many of an error are shown whatever follows. */
const HEAD_LINES = 6;

/** The last lines; where the last error begins above them its head, `…`, and fewer of the others. */
export function lastLines(lines: readonly string[], count: number): string[] {
  const begin = findError(lines);
  if (begin === undefined || begin >= lines.length - count) return lines.slice(-count);
  const size = Math.min(HEAD_LINES, Math.floor(count / 2));
  return [...lines.slice(begin, begin + size), "…", ...lines.slice(size + 1 - count)];
}

/** Where the last error that has a stack begins: the line that names it, or the one above the stack. */
function findError(lines: readonly string[]): number | undefined {
  const last = lines.findLastIndex((line) => FRAME.test(line));
  if (last === -1) return undefined;
  // What is indented belongs to the error, as a cause does that has a stack of its own.
  const isOfStack = (line: string): boolean =>
    /^(?:\s|goroutine |…?$)/u.test(line) || SECOND_STACK.test(line);
  const above = lines.slice(0, last).findLastIndex((line) => !isOfStack(line));
  if (above === -1) return undefined;
  const window = lines.slice(Math.max(0, above + 1 - HEAD_LINES), above + 1);
  const named = window.findLastIndex((line) => NAMES_ERROR.test(line) && !isOfStack(line));
  return named === -1 ? above : above + 1 - window.length + named;
}
