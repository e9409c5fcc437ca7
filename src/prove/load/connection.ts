import type { ConnectionEnd, Ending } from "../ledger.js";
import { now } from "../now.js";
import type { RequestTemplate } from "../request.js";
import { classifyFailure } from "./classify.js";
import { Link } from "./link.js";
import { AnswerParser } from "./parse.js";
import type { DelayLine } from "./delay.js";
import type { OpenConnection, PlannedRequest, Recorder } from "./recorder.js";
import type { Holder, HolderState, Target } from "./protocol.js";

/** A request on the wire whose answer is not complete. */
export interface Exchange {
  readonly request: PlannedRequest;
  readonly parser: AnswerParser;
  /** Whether the last byte of the request was written. */
  isWritten: boolean;
  /** Whether the connection may carry another request afterwards. */
  readonly answered: Promise<boolean>;
  readonly resolve: (isReusable: boolean) => void;
  lastByteAt: number | null;
}

export interface ConnectionOptions {
  readonly recorder: Recorder;
  readonly line: DelayLine;
  readonly target: Target;
  readonly entry: OpenConnection;
}

/** One HTTP/1.1 client connection: one request at a time, and what becomes of each. */
export class Connection {
  readonly target: Target;
  readonly entry: OpenConnection;
  /** From the last answer's `Keep-Alive: timeout`; null without one. */
  keepAliveHintMs: number | null = null;
  readonly #recorder: Recorder;
  readonly #link: Link;
  #state: HolderState | "connecting" | "ended" = "connecting";
  #since = now();
  #end: ConnectionEnd | undefined;
  #answers = 0;
  #exchange: Exchange | undefined;
  #waiting = new Set<() => void>();
  #interrupt: (() => void) | undefined;
  #onEnded: () => void;

  constructor(options: ConnectionOptions, onEnded: () => void) {
    this.target = options.target;
    this.entry = options.entry;
    this.#recorder = options.recorder;
    this.#onEnded = onEnded;
    this.#link = new Link(options.target.port, options.line, {
      connected: (at) => this.#connected(at),
      received: (chunk, at) => this.#received(chunk, at),
      ended: (at) => this.#ended(at),
      failed: (code, at) => this.#failed(code, at),
    });
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  get isBusy(): boolean {
    return this.#exchange !== undefined;
  }

  get isReused(): boolean {
    return this.#answers > 0;
  }

  plan(template: RequestTemplate): PlannedRequest {
    return this.#recorder.plan(this.entry, template);
  }

  /** Resolves once the connection is made or has ended. */
  async opened(): Promise<void> {
    while (this.#state === "connecting") await this.#change();
  }

  /** Waits for `ms` or for the connection's end. Returns whether it is still open. */
  rest(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#interrupt = undefined;
        resolve(this.isOpen);
      };
      const timer = setTimeout(wake, ms);
      if (this.isOpen) this.#interrupt = wake;
      else wake();
    });
  }

  /** Resolves once the connection has ended. */
  async closed(): Promise<void> {
    while (this.isOpen) await this.#change();
  }

  /** Sends a whole request. Returns whether the connection may carry another one. */
  async send(request: PlannedRequest, bytes: Buffer): Promise<boolean> {
    const exchange = await this.begin(request);
    if (exchange === undefined) return false;
    this.write(exchange, bytes);
    exchange.isWritten = true;
    return exchange.answered;
  }

  /**
   * Gives the connection to a request, to be written in parts. Returns undefined when the
   * connection has ended before that; the request has then been ended too.
   */
  async begin(request: PlannedRequest): Promise<Exchange | undefined> {
    await this.opened();
    if (this.#end !== undefined) {
      request.end(this.#explainUnsent(this.#end));
      return undefined;
    }
    const { promise: answered, resolve } = defer<boolean>();
    const parser = new AnswerParser(request.template.method);
    const exchange = { request, parser, isWritten: false, answered, resolve, lastByteAt: null };
    this.#exchange = exchange;
    return exchange;
  }

  /** Writes a part of the request. Nothing is written once its exchange is over. */
  write(exchange: Exchange, bytes: Buffer): void {
    if (this.#exchange !== exchange) return;
    exchange.request.sent();
    this.#enter("request in flight");
    this.#link.write(bytes);
  }

  /** Writes bytes that are no request yet, and perhaps never will be. */
  writeLoose(bytes: Buffer): void {
    this.#enter("half-sent head");
    this.#link.write(bytes);
  }

  /** Names the state for the report on who held the process. */
  markAs(state: HolderState): void {
    if (this.isOpen) this.#enter(state);
  }

  /** The client leaves. A request in flight ends as dropped (unanswered). */
  leave(): void {
    this.#settle({ outcome: "dropped", kind: "unanswered" });
    this.#finish("closed by client", now());
  }

  describe(): Holder | undefined {
    if (this.#state === "connecting" || this.#state === "ended") return undefined;
    const template = this.#exchange?.request.template;
    return {
      client: this.entry.client,
      connection: this.entry.number,
      state: this.#state,
      request: template === undefined ? null : `${template.method} ${template.path}`,
      ageMs: now() - this.#since,
    };
  }

  #connected(at: number): void {
    this.entry.connectedAt = at;
    this.#enter("connection without a byte");
  }

  #received(chunk: Buffer, at: number): void {
    const exchange = this.#exchange;
    if (exchange === undefined) {
      // Bytes nobody asked for, such as a 408: this connection cannot be trusted with a request.
      this.#finish("closed by service", at);
      return;
    }
    exchange.lastByteAt = at;
    exchange.parser.feed(chunk);
    if (exchange.parser.isDone) this.#answered(exchange, at);
  }

  #ended(at: number): void {
    const exchange = this.#exchange;
    if (exchange !== undefined) {
      const end = exchange.parser.end();
      if (end === "complete") this.#answered(exchange, at);
      else this.#settle({ outcome: "dropped", kind: end });
    }
    this.#finish("closed by service", at);
  }

  #failed(code: string, at: number): void {
    const end = classifyFailure(code, this.#state === "connecting");
    if (end === "prover failed") {
      this.#recorder.onFault(`connection ${String(this.entry.number)}: ${code}`);
      this.#settle({ outcome: "unsent", kind: "prover" });
    } else {
      const kind = this.#exchange?.parser.hasBytes === true ? "truncated" : "reset";
      this.#settle({ outcome: "dropped", kind });
    }
    this.#finish(end, at);
  }

  #answered(exchange: Exchange, at: number): void {
    const { parser, isWritten } = exchange;
    const isReusable = parser.keepAlive && parser.surplusBytes === 0 && isWritten;
    this.#answers += 1;
    this.keepAliveHintMs = parser.keepAliveHintMs;
    if (parser.saysClose) this.entry.saidCloseAt ??= at;
    this.#enter("idle keep-alive connection");
    this.#settle(judgeAnswer(exchange), isReusable);
    if (!isReusable) this.#finish(parser.saysClose ? "closed by service" : "closed by client", at);
  }

  #settle(ending: Ending, isReusable = false): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#exchange = undefined;
    const { parser, lastByteAt } = exchange;
    exchange.request.end(ending, { status: parser.status, lastByteAt });
    exchange.resolve(isReusable);
  }

  #explainUnsent(end: ConnectionEnd): Ending {
    if (end === "prover failed") return { outcome: "unsent", kind: "prover" };
    if (end === "closed by client") return { outcome: "unsent", kind: "ended" };
    if (end === "refused") return { outcome: "refused", kind: "refused" };
    // A reused connection that went before the write costs nothing: its client takes another. One
    // made ahead of its request is no worse.
    const isSpare = this.isReused || this.entry.client === "silent";
    if (isSpare) return { outcome: "unsent", kind: "closed" };
    return { outcome: "refused", kind: end === "reset by service" ? "reset" : "closed" };
  }

  #enter(state: HolderState): void {
    this.#state = state;
    this.#since = now();
    this.#wake();
  }

  #finish(end: ConnectionEnd, at: number): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#state = "ended";
    this.#link.close();
    this.#recorder.closeConnection(this.entry, end, at);
    this.#onEnded();
    this.#wake();
    this.#interrupt?.();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const resolve of waiting) resolve();
  }
}

function judgeAnswer({ parser, isWritten }: Exchange): Ending {
  if (parser.state === "malformed") return { outcome: "dropped", kind: "malformed" };
  if ((parser.status ?? 0) >= 500) return { outcome: "dropped", kind: "5xx" };
  return { outcome: "ok", kind: isWritten ? "complete" : "early" };
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

export function defer<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((take) => {
    resolve = take;
  });
  return { promise, resolve };
}
