// http2/: HTTP/2 as its clients speak it: frames, header blocks, windows, sessions.
import type { Ending } from "../../facts/ledger.js";
import { judgeAnswer } from "../../request/expectation.js";
import type { Header } from "../../request/header.js";
import {
  describeBody,
  fillBody,
  fillPath,
  listFields,
  type RequestTemplate,
} from "../../request/request.js";
import { AnswerBody } from "../http1/answer-body.js";
import type { PlannedRequest } from "../recorder.js";
import { Channel, type Cause, type ChannelOptions } from "../wire/channel.js";
import {
  encodeFrame,
  encodeSettings,
  encodeWindowUpdate,
  FLAG,
  FrameReader,
  MAX_PAYLOAD,
  readSetting,
  REFUSED_STREAM,
  SETTING,
  TYPE,
  unpad,
  type Frame,
} from "./frames.js";
import { decodeStatus, encodeHead } from "./hpack.js";
import { SendWindows } from "./window.js";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
// No dynamic table (hpack.ts relies on it), and no pushes.
const SETTINGS = encodeSettings([
  [SETTING.headerTableSize, 0],
  [SETTING.enablePush, 0],
]);

/** How a request on a session went, for its client's next step. */
export type StreamEnd = "answered" | "retry" | "lost";

interface Stream {
  readonly id: number;
  readonly request: PlannedRequest;
  readonly isRetry: boolean;
  readonly resolve: (end: StreamEnd) => void;
  isWritten: boolean;
  hasBytes: boolean;
  status: number | null;
  lastByteAt: number | null;
  readonly body: AnswerBody;
}

/**
 * An HTTP/2 session of one client (RFC 9113), framed by hand: the ledger needs to know which stream
 * was refused, and by what, which an HTTP/2 library keeps to itself.
 */
export class H2Session extends Channel {
  readonly #frames = new FrameReader();
  readonly #windows = new SendWindows((stream, bytes, isLast) =>
    this.#writeBody(stream, bytes, isLast),
  );
  readonly #scheme: "http" | "https";
  #streams = new Map<number, Stream>();
  #nextId = 1;
  #lastStream = Number.POSITIVE_INFINITY;
  #hasSettings = false;
  #isRetired = false;
  #answers = 0;
  /** The field block of a HEADERS frame whose CONTINUATION frames are still to come. */
  #block: { readonly head: Frame; readonly parts: Buffer[] } | undefined;

  constructor(options: ChannelOptions, onEnded: () => void) {
    super(options, onEnded);
    this.#scheme = options.tls === null ? "http" : "https";
  }

  get isBusy(): boolean {
    return this.#streams.size > 0;
  }

  /** Whether it may carry another request: no GOAWAY has come, and no stream was refused. */
  get isUsable(): boolean {
    return this.isOpen && !this.#isRetired;
  }

  /** Resolves when it may carry no other request, which may be long before it ends. */
  async retired(): Promise<void> {
    while (this.isUsable) await this.change();
  }

  /** Sends a request. `isRetry` when a service had refused it before as safe to send again. */
  async send(request: PlannedRequest, isRetry = false): Promise<StreamEnd> {
    await this.opened();
    if (!this.isOpen) this.endUnsent(request, this.#answers > 0);
    else if (this.#isRetired) request.end({ outcome: "unsent", kind: "closed" });
    else return this.#begin(request, isRetry);
    return "lost";
  }

  protected override connected(): void {
    this.link.write(Buffer.concat([Buffer.from(PREFACE), SETTINGS]));
    this.enter("idle HTTP/2 session");
  }

  protected received(chunk: Buffer, at: number): void {
    try {
      for (const frame of this.#frames.push(chunk)) if (this.isOpen) this.#take(frame, at);
      if (this.#frames.isMalformed) throw new RangeError("a frame that is too long");
    } catch (error) {
      // Buffer's readers throw the same at the end of a frame that is too short.
      if (!(error instanceof RangeError)) throw error;
      this.#endAll({ outcome: "dropped", kind: "malformed" });
      this.finish("closed by client", at);
    }
  }

  protected settle(cause: Cause): void {
    for (const stream of this.#streams.values()) this.#end(stream, judgeCut(stream, cause));
  }

  protected waitingFor(): RequestTemplate | undefined {
    const [first] = this.#streams.values();
    return first?.request.template;
  }

  #begin(request: PlannedRequest, isRetry: boolean): Promise<StreamEnd> {
    const id = this.#nextId;
    this.#nextId += 2;
    const { template } = request;
    const body = Buffer.from(fillBody(template, request.id));
    return new Promise((resolve) => {
      const [status, lastByteAt] = [null, null];
      const answer = new AnswerBody(template.expect);
      const rest = { isWritten: false, hasBytes: false, status, lastByteAt, body: answer };
      this.#streams.set(id, { id, request, isRetry, resolve, ...rest });
      request.sent();
      this.enter("request in flight");
      const flags = FLAG.endHeaders | (body.length === 0 ? FLAG.endStream : 0);
      this.link.write(encodeFrame(TYPE.headers, flags, id, this.#encodeHead(request, body)));
      if (body.length === 0) this.#markWritten(id);
      else this.#windows.send(id, body);
    });
  }

  #encodeHead({ id, template }: PlannedRequest, body: Buffer): Buffer {
    const content = body.length === 0 ? [] : describeBody(template, body.toString());
    const { authority } = this.target.address;
    const fields = listFields(template, { id, authority, fields: content });
    const isHost = ([name]: Header): boolean => name.toLowerCase() === "host";
    return encodeHead({
      method: template.method,
      path: fillPath(template, id),
      scheme: this.#scheme,
      // RFC 9113 §8.3.1: it takes the place of Host.
      authority: fields.find(isHost)?.[1] ?? authority,
      fields: fields
        .filter((field) => !isHost(field))
        .map(([name, value]) => [name.toLowerCase(), value] as const),
    });
  }

  #writeBody(stream: number, bytes: Buffer, isLast: boolean): void {
    for (let at = 0; at < bytes.length; at += MAX_PAYLOAD) {
      const part = bytes.subarray(at, at + MAX_PAYLOAD);
      const flags = isLast && at + part.length === bytes.length ? FLAG.endStream : 0;
      this.link.write(encodeFrame(TYPE.data, flags, stream, part));
    }
    if (isLast) this.#markWritten(stream);
  }

  #markWritten(id: number): void {
    const stream = this.#streams.get(id);
    if (stream !== undefined) stream.isWritten = true;
  }

  #take(frame: Frame, at: number): void {
    const { type } = frame;
    // RFC 9113 §3.4: the server's preface is a SETTINGS frame, and comes first.
    if (!this.#hasSettings && type !== TYPE.settings) throw new RangeError("SETTINGS come first");
    // §6.10: nothing comes between the parts of a field block.
    if (this.#block !== undefined && type !== TYPE.continuation) throw new RangeError("no block");
    if (type === TYPE.settings) this.#takeSettings(frame);
    else if (type === TYPE.headers) this.#takeHeaders(frame, at);
    else if (type === TYPE.continuation) this.#takeContinuation(frame, at);
    else if (type === TYPE.data) this.#takeData(frame, at);
    else if (type === TYPE.rstStream) this.#takeReset(frame);
    else if (type === TYPE.goaway) this.#takeGoaway(frame, at);
    else if (type === TYPE.windowUpdate) {
      this.#windows.grow(frame.stream, frame.payload.readUInt32BE(0));
    } else if (type === TYPE.ping && (frame.flags & FLAG.ack) === 0) {
      this.link.write(encodeFrame(TYPE.ping, FLAG.ack, 0, frame.payload));
    } else if (type === TYPE.pushPromise) throw new RangeError("pushes are switched off");
  }

  #takeSettings({ flags, payload }: Frame): void {
    this.#hasSettings = true;
    if ((flags & FLAG.ack) !== 0) return;
    const window = readSetting(payload, SETTING.initialWindowSize);
    if (window !== undefined) this.#windows.setInitial(window);
    this.link.write(encodeFrame(TYPE.settings, FLAG.ack, 0, Buffer.alloc(0)));
  }

  #takeHeaders(frame: Frame, at: number): void {
    const part = unpad(frame);
    if (part === undefined) throw new RangeError("more padding than frame");
    const block = { head: frame, parts: [part] };
    if ((frame.flags & FLAG.endHeaders) === 0) this.#block = block;
    else this.#takeBlock(frame, part, at);
  }

  #takeContinuation({ flags, stream, payload }: Frame, at: number): void {
    const block = this.#block;
    if (block?.head.stream !== stream) throw new RangeError("a continuation of nothing");
    block.parts.push(payload);
    if ((flags & FLAG.endHeaders) === 0) return;
    this.#block = undefined;
    this.#takeBlock(block.head, Buffer.concat(block.parts), at);
  }

  #takeBlock({ stream: id, flags }: Frame, block: Buffer, at: number): void {
    const status = decodeStatus(block);
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.hasBytes = true;
    stream.lastByteAt = at;
    // Interim answers precede the final one; trailers have no status.
    if (status !== undefined && status >= 200) stream.status = status;
    if ((flags & FLAG.endStream) !== 0) this.#answered(stream);
  }

  #takeData(frame: Frame, at: number): void {
    const { stream: id, payload, flags } = frame;
    const isLast = (flags & FLAG.endStream) !== 0;
    const part = unpad(frame);
    if (part === undefined) throw new RangeError("more padding than frame");
    if (payload.length > 0) this.link.write(encodeWindowUpdate(0, payload.length));
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    if (payload.length > 0 && !isLast) this.link.write(encodeWindowUpdate(id, payload.length));
    stream.lastByteAt = at;
    stream.body.take(part);
    if (isLast) this.#answered(stream);
  }

  #takeReset({ stream: id, payload }: Frame): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    const isRefused = payload.readUInt32BE(0) === REFUSED_STREAM;
    if (isRefused) this.#retire();
    this.#end(
      stream,
      isRefused ? judgeRefusal(stream, "refused-stream") : judgeCut(stream, "reset"),
    );
  }

  /** RFC 9113 §6.8: streams above the last one were not and will not be processed. */
  #takeGoaway({ payload }: Frame, at: number): void {
    const last = payload.readUInt32BE(0) & 0x7fffffff;
    payload.readUInt32BE(4);
    if (last > this.#lastStream) throw new RangeError("the last stream must not rise");
    this.#lastStream = last;
    this.entry.saidCloseAt ??= at;
    this.#retire();
    for (const stream of this.#streams.values()) {
      if (stream.id > last) this.#end(stream, judgeRefusal(stream, "above-goaway"));
    }
    this.#leaveWhenDone();
  }

  #retire(): void {
    this.#isRetired = true;
    this.wake();
  }

  #answered(stream: Stream): void {
    this.#answers += 1;
    this.#end(stream, judgeEnd(stream));
    this.#leaveWhenDone();
  }

  #endAll(ending: Ending): void {
    for (const stream of this.#streams.values()) this.#end(stream, ending);
  }

  #end(stream: Stream, ending: Ending): void {
    this.#streams.delete(stream.id);
    this.#windows.forget(stream.id);
    const { status, lastByteAt } = stream;
    if (this.#streams.size === 0) this.markAs("idle HTTP/2 session");
    const quote = status !== null && status >= 400 ? stream.body.quote : "";
    stream.request.end(ending, { status, lastByteAt, quote });
    const { outcome } = ending;
    stream.resolve(outcome === "ok" ? "answered" : outcome === "retryable" ? "retry" : "lost");
  }

  /** Told to go, a client goes when its last answer has come. */
  #leaveWhenDone(): void {
    if (this.entry.saidCloseAt !== null && !this.isBusy) this.leave();
  }
}

function judgeEnd({ status, isWritten, body, request }: Stream): Ending {
  if (status === null) return { outcome: "dropped", kind: "malformed" };
  const wrong = judgeAnswer(request.template.expect, { status, body: body.text });
  return wrong ?? { outcome: "ok", kind: isWritten ? "complete" : "early" };
}

function judgeRefusal({ isRetry }: Stream, kind: "refused-stream" | "above-goaway"): Ending {
  // Once is the protocol at work; twice is a client that gets nowhere.
  return isRetry ? { outcome: "dropped", kind: "refused-again" } : { outcome: "retryable", kind };
}

function judgeCut({ hasBytes }: Stream, cause: Cause): Ending {
  if (cause === "prover") return { outcome: "unsent", kind: "prover" };
  if (cause === "left") return { outcome: "dropped", kind: "unanswered" };
  if (hasBytes) return { outcome: "dropped", kind: "truncated" };
  return { outcome: "dropped", kind: cause === "reset" ? "reset" : "empty" };
}
