// http1/: HTTP/1.1 as its clients speak it: requests out, answers read byte by byte.
import type { Ending } from "../../facts/ledger.js";
import { judgeAnswer } from "../../request/expectation.js";
import type { RequestTemplate } from "../../request/request.js";
import { defer } from "../defer.js";
import type { PlannedRequest } from "../recorder.js";
import { Channel, type Cause } from "../wire/channel.js";
import { AnswerBody } from "./answer-body.js";
import { AnswerParser } from "./parse.js";

/** Reads a body that has no natural end, such as an event stream. */
export interface EndlessBody {
  take(part: Buffer): void;
  /** Whether the stream may end here. */
  readonly isWhole: boolean;
  /** Whether an answer with this head is such a body. */
  accepts(status: number, fields: ReadonlyMap<string, string>): boolean;
}

/** A request on the wire whose answer is not complete. */
export interface Exchange {
  readonly request: PlannedRequest;
  readonly parser: AnswerParser;
  readonly endless: EndlessBody | undefined;
  readonly body: AnswerBody;
  /** Whether the last byte of the request was written. */
  isWritten: boolean;
  /** Whether the connection may carry another request afterwards. */
  readonly answered: Promise<boolean>;
  readonly resolve: (isReusable: boolean) => void;
  /** Resolves with the first byte that came, or with the exchange's end. */
  readonly begun: Promise<void>;
  readonly begin: () => void;
  /** Resolves when the service has asked for the body, or has ended the exchange without. */
  readonly invited: Promise<void>;
  readonly invite: () => void;
  firstByteAt: number | null;
  lastByteAt: number | null;
}

/** One HTTP/1.1 client connection: its requests, in their order, and what becomes of each. */
export class Connection extends Channel {
  #answers = 0;
  /** One, or several that were pipelined: answers come in the order of the requests. */
  #exchanges: Exchange[] = [];

  get isBusy(): boolean {
    return this.#exchanges.some(({ endless }) => endless === undefined);
  }

  get isReused(): boolean {
    return this.#answers > 0;
  }

  /** Sends a whole request. Returns whether the connection may carry another one. */
  async send(request: PlannedRequest, bytes: Buffer, endless?: EndlessBody): Promise<boolean> {
    const exchange = await this.begin(request, endless);
    if (exchange === undefined) return false;
    this.write(exchange, bytes);
    exchange.isWritten = true;
    return exchange.answered;
  }

  /**
   * Gives the connection to a request, to be written in parts. Returns undefined when the
   * connection has ended before that; the request has then been ended too.
   */
  async begin(request: PlannedRequest, endless?: EndlessBody): Promise<Exchange | undefined> {
    await this.opened();
    if (!this.isOpen) {
      // One made ahead of its request is no worse than one that has served.
      this.endUnsent(request, this.isReused || this.entry.client === "silent");
      return undefined;
    }
    const exchange = createExchange(request, endless);
    this.#exchanges.push(exchange);
    return exchange;
  }

  /** Writes a part of the request. Nothing is written once its exchange is over. */
  write(exchange: Exchange, bytes: Buffer): void {
    if (!this.isOn(exchange)) return;
    exchange.request.sent();
    this.enter("request in flight");
    this.link.write(bytes);
  }

  /** Writes bytes that are no request yet, and perhaps never will be. */
  writeLoose(bytes: Buffer): void {
    this.enter("half-sent head");
    this.link.write(bytes);
  }

  /** Whether the exchange is not over. */
  isOn(exchange: Exchange): boolean {
    return this.#exchanges.includes(exchange);
  }

  /** Stops reading after the next bytes, as a client does whose own reader has stopped. */
  stopReading(): void {
    this.link.stopReading();
  }

  readAgain(): void {
    this.link.readAgain();
  }

  protected received(chunk: Buffer, at: number): void {
    let rest = chunk;
    while (rest.length > 0 && this.isOpen) {
      const exchange = this.#exchanges[0];
      if (exchange === undefined) {
        // Bytes that were not asked for, such as a 408: this connection cannot be trusted with a request.
        this.finish("closed by service", at);
        return;
      }
      const { parser } = exchange;
      exchange.firstByteAt ??= at;
      exchange.lastByteAt = at;
      parser.feed(rest);
      exchange.begin();
      if (parser.hasContinue) exchange.invite();
      const { endless } = exchange;
      if (endless !== undefined && parser.status !== null) {
        if (endless.accepts(parser.status, parser.fields)) exchange.request.served();
        else return this.#refuse(exchange, at);
      }
      if (!parser.isDone) return;
      rest = rest.subarray(rest.length - parser.surplusBytes);
      this.#answered(exchange, at);
    }
  }

  protected settle(cause: Cause, at: number): void {
    const [first] = this.#exchanges;
    if (cause === "ended" && first?.parser.end() === "complete") this.#answered(first, at);
    for (const exchange of this.#exchanges) this.#end(exchange, judgeCut(exchange, cause));
  }

  protected waitingFor(): RequestTemplate | undefined {
    return this.#exchanges[0]?.request.template;
  }

  #answered(exchange: Exchange, at: number): void {
    const { parser, isWritten } = exchange;
    const isLast = this.#exchanges.length === 1;
    const isReusable = parser.keepAlive && isWritten && (parser.surplusBytes === 0 || !isLast);
    this.#answers += 1;
    this.keepAliveHintMs = parser.keepAliveHintMs;
    if (parser.saysClose) this.entry.saidCloseAt ??= at;
    if (isLast) this.enter("idle keep-alive connection");
    this.#end(exchange, judgeEnd(exchange), isReusable);
    if (isReusable) return;
    for (const left of this.#exchanges)
      this.#end(left, { outcome: "dropped", kind: "after-close" });
    this.finish(parser.saysClose ? "closed by service" : "closed by client", at);
  }

  /** What comes is not the body that was asked for, and may have no end. */
  #refuse(exchange: Exchange, at: number): void {
    this.#end(exchange, judgeEnd(exchange));
    this.finish("closed by client", at);
  }

  #end(exchange: Exchange, ending: Ending, isReusable = false): void {
    this.#exchanges = this.#exchanges.filter((other) => other !== exchange);
    const { parser, firstByteAt, lastByteAt } = exchange;
    const { status, saysClose } = parser;
    const quote = isError(status) ? exchange.body.quote : "";
    const { instanceField } = this.recorder;
    const instance = instanceField === null ? undefined : parser.fields.get(instanceField);
    const told = { status, saysClose, firstByteAt, lastByteAt, quote, instance };
    exchange.request.end(ending, told);
    exchange.begin();
    exchange.invite();
    exchange.resolve(isReusable);
  }
}

function isError(status: number | null): boolean {
  return status !== null && status >= 400;
}

function createExchange(request: PlannedRequest, endless: EndlessBody | undefined): Exchange {
  const answered = defer<boolean>();
  const begun = defer<void>();
  const invited = defer<void>();
  const body = new AnswerBody(request.template.expect);
  return {
    request,
    parser: new AnswerParser(request.template.method, (part) => {
      body.take(part);
      endless?.take(part);
    }),
    endless,
    body,
    isWritten: false,
    answered: answered.promise,
    resolve: answered.resolve,
    begun: begun.promise,
    begin: begun.resolve,
    invited: invited.promise,
    invite: invited.resolve,
    firstByteAt: null,
    lastByteAt: null,
  };
}

function judgeEnd({ parser, isWritten, endless, body, request }: Exchange): Ending {
  const { state, status } = parser;
  if (state === "malformed" || status === null) return { outcome: "dropped", kind: "malformed" };
  const wrong = judgeAnswer(request.template.expect, { status, body: body.text });
  if (wrong !== undefined) return wrong;
  if (endless?.accepts(status, parser.fields) === false) {
    return { outcome: "dropped", kind: "no-stream" };
  }
  if (endless?.isWhole === false) return { outcome: "dropped", kind: "truncated" };
  return { outcome: "ok", kind: isWritten ? "complete" : "early" };
}

function judgeCut({ parser, endless, request }: Exchange, cause: Cause): Ending {
  if (cause === "prover") return { outcome: "unsent", kind: "prover" };
  if (!request.isSent) return { outcome: "unsent", kind: cause === "left" ? "ended" : "closed" };
  if (cause === "reset") {
    return { outcome: "dropped", kind: parser.hasBytes ? "truncated" : "reset" };
  }
  if (cause === "left") {
    return endless === undefined
      ? { outcome: "dropped", kind: "unanswered" }
      : { outcome: "ok", kind: "left" };
  }
  if (endless?.isWhole === true && parser.isBetweenChunks) {
    return { outcome: "ok", kind: "between-events" };
  }
  const end = parser.end();
  return { outcome: "dropped", kind: end === "complete" ? "truncated" : end };
}
