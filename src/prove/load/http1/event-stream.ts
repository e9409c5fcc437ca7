import type { EndlessBody } from "./connection.js";

// Browsers wait three to five seconds; shorter, so that a run sees the client come back.
const DEFAULT_RETRY_MS = 1_000;
const MAX_LINE = 1_024;
const CR = 0x0d;
const EVENT_STREAM = "text/event-stream";

/** An event stream as it is read (WHATWG HTML §9.2): where its events end, and what it asks for. */
export class EventStream implements EndlessBody {
  /** How long its client waits before it connects again: the last `retry:`. */
  retryMs: number = DEFAULT_RETRY_MS;
  #line = "";
  #isInEvent = false;
  #hasCr = false;

  /** Every event that began is complete: the last line was a blank one. */
  get isWhole(): boolean {
    return !this.#isInEvent && this.#line === "";
  }

  /** 204 is an answer too: the stream is over, do not come back (WHATWG HTML §9.2.3). */
  accepts(status: number, fields: ReadonlyMap<string, string>): boolean {
    if (status === 204) return true;
    const type = fields.get("content-type") ?? "";
    return status === 200 && type.toLowerCase().startsWith(EVENT_STREAM);
  }

  take(part: Buffer): void {
    // A CR at the end may be half of a CRLF, but then the LF that follows is no line of its own.
    const text = this.#hasCr ? part.toString("latin1").replace(/^\n/, "") : part.toString("latin1");
    if (part.length > 0) this.#hasCr = part.at(-1) === CR;
    const lines = (this.#line + text).split(/\r\n|\n|\r/);
    this.#line = (lines.pop() ?? "").slice(0, MAX_LINE);
    for (const line of lines) this.#takeLine(line);
  }

  #takeLine(line: string): void {
    const retry = /^retry: ?(\d{1,9})$/.exec(line);
    if (retry !== null) this.retryMs = Number(retry[1]);
    // A comment is no part of an event, and neither is a retry.
    if (line === "") this.#isInEvent = false;
    else if (!line.startsWith(":") && retry === null) this.#isInEvent = true;
  }
}
