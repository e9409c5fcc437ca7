/** Where the parser is. The last two are final. */
export type ParserState =
  | "head"
  | "sized-body"
  | "chunk-size"
  | "chunk-data"
  | "chunk-end"
  | "trailers"
  | "until-close"
  | "complete"
  | "malformed";

/** What the end of the stream makes of the answer. */
export type AnswerEnd = "complete" | "empty" | "truncated" | "malformed";

// No service under test needs a longer line; without a bound a broken one fills the memory.
const MAX_LINE = 65_536;

/** One HTTP/1.1 answer read byte by byte (RFC 9112 §6, §7). Bodies are handed on, not kept. */
export class AnswerParser {
  state: ParserState = "head";
  status: number | null = null;
  /** Whether the connection may carry another request (RFC 9112 §9.3). */
  keepAlive = false;
  /** Whether the answer said `Connection: close`. */
  saysClose = false;
  /** From `Keep-Alive: timeout=5`, in milliseconds; null when the service gives no hint. */
  keepAliveHintMs: number | null = null;
  /** Whether the service asked for the body: `100 Continue`. */
  hasContinue = false;
  /** The final answer's fields by lower-case name; empty before its head is complete. */
  fields: ReadonlyMap<string, string> = new Map();
  /** Bytes after the answer's end. A client with no other request outstanding must not trust them. */
  surplusBytes = 0;

  readonly #method: string;
  readonly #onBody: ((part: Buffer) => void) | undefined;
  #line = "";
  #lines: string[] = [];
  #left = 0;

  /** Whether any byte of an answer has come. */
  hasBytes = false;

  /** `onBody` is given the parts of the body, without their framing. */
  constructor(method: string, onBody?: (part: Buffer) => void) {
    this.#method = method;
    this.#onBody = onBody;
  }

  get isDone(): boolean {
    return this.state === "complete" || this.state === "malformed";
  }

  /** Whether all chunks that were begun have come to their end, and the last one has not come. */
  get isBetweenChunks(): boolean {
    return this.state === "chunk-size" && this.#line === "";
  }

  feed(chunk: Buffer): void {
    let at = 0;
    if (chunk.length > 0) this.hasBytes = true;
    while (at < chunk.length && !this.isDone) {
      at = isBody(this.state) ? this.#skipBody(chunk, at) : this.#readLine(chunk, at);
    }
    this.surplusBytes += chunk.length - at;
  }

  /** The service ended its side. */
  end(): AnswerEnd {
    if (this.state === "until-close") this.state = "complete";
    if (this.state === "complete" || this.state === "malformed") return this.state;
    return this.hasBytes ? "truncated" : "empty";
  }

  #skipBody(chunk: Buffer, at: number): number {
    const rest = chunk.length - at;
    const taken = this.state === "until-close" ? rest : Math.min(rest, this.#left);
    this.#onBody?.(chunk.subarray(at, at + taken));
    this.#left -= taken;
    if (this.#left === 0 && this.state === "sized-body") this.state = "complete";
    if (this.#left === 0 && this.state === "chunk-data") this.state = "chunk-end";
    return at + taken;
  }

  #readLine(chunk: Buffer, at: number): number {
    const newline = chunk.indexOf(0x0a, at);
    const end = newline === -1 ? chunk.length : newline;
    this.#line += chunk.toString("latin1", at, end);
    if (this.#line.length > MAX_LINE) this.state = "malformed";
    else if (newline !== -1) {
      // RFC 9112 §2.2: a lone LF may be taken for the line's end.
      const line = this.#line.endsWith("\r") ? this.#line.slice(0, -1) : this.#line;
      this.#line = "";
      this.#takeLine(line);
    }
    return newline === -1 ? end : end + 1;
  }

  #takeLine(line: string): void {
    switch (this.state) {
      case "head":
        if (line !== "") this.#lines.push(line);
        else if (this.#lines.length > 0) this.#takeHead();
        break;
      case "chunk-size":
        this.#left = readChunkSize(line) ?? -1;
        this.state = this.#left === -1 ? "malformed" : this.#left === 0 ? "trailers" : "chunk-data";
        break;
      case "chunk-end":
        this.state = line === "" ? "chunk-size" : "malformed";
        break;
      case "trailers":
        if (line === "") this.state = "complete";
        break;
      default:
        this.state = "malformed";
    }
  }

  #takeHead(): void {
    const [first = "", ...fields] = this.#lines;
    this.#lines = [];
    const start = /^HTTP\/(1\.[01]) ([1-9]\d\d)(?: .*)?$/.exec(first);
    if (start === null) {
      this.state = "malformed";
      return;
    }
    const status = Number(start[2]);
    // RFC 9110 §15.2: interim answers precede the final one; 101 is final, the protocol changed.
    if (status === 100) this.hasContinue = true;
    if (status < 200 && status !== 101) return;
    this.status = status;
    this.fields = readFields(fields);
    this.#frame(status, start[1] === "1.1", this.fields);
  }

  #frame(status: number, isHttp11: boolean, fields: ReadonlyMap<string, string>): void {
    const options = splitList(fields.get("connection"));
    this.saysClose = options.includes("close");
    this.keepAlive = !this.saysClose && (isHttp11 || options.includes("keep-alive"));
    const hint = /timeout=(\d+)/i.exec(fields.get("keep-alive") ?? "");
    this.keepAliveHintMs = hint === null ? null : Number(hint[1]) * 1_000;
    this.state = this.#frameBody(status, fields);
    if (this.state === "until-close" || status === 101) this.keepAlive = false;
  }

  /** RFC 9112 §6.3, in its order. */
  #frameBody(status: number, fields: ReadonlyMap<string, string>): ParserState {
    if (this.#method === "HEAD" || status === 204 || status === 304 || status === 101) {
      return "complete";
    }
    const codings = splitList(fields.get("transfer-encoding"));
    if (codings.length > 0) return codings.at(-1) === "chunked" ? "chunk-size" : "until-close";
    const length = fields.get("content-length");
    if (length === undefined) return "until-close";
    if (!/^\d{1,15}$/.test(length)) return "malformed";
    this.#left = Number(length);
    return this.#left === 0 ? "complete" : "sized-body";
  }
}

function isBody(state: ParserState): boolean {
  return state === "sized-body" || state === "chunk-data" || state === "until-close";
}

/** RFC 9112 §7.1; undefined when it is none. */
function readChunkSize(line: string): number | undefined {
  const match = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line);
  return match === null ? undefined : Number.parseInt(match[1] ?? "", 16);
}

function splitList(value: string | undefined): string[] {
  return (value ?? "")
    .split(",")
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== "");
}

function readFields(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
}
