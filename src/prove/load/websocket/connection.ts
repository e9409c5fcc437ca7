// websocket/: WebSockets as their clients speak them: handshake, frames, close.
import { createHash, randomBytes } from "node:crypto";
import type { Ending } from "../../facts/ledger.js";
import { encodeRequest, type RequestTemplate } from "../../request/request.js";
import { defer } from "../defer.js";
import { AnswerParser } from "../http1/parse.js";
import type { PlannedRequest } from "../recorder.js";
import { Channel, type Cause } from "../wire/channel.js";
import { encodeControl, FrameReader, OPCODE, type Frame } from "./frames.js";

/** RFC 6455 §1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** A close frame without a code (§7.1.5). */
const NO_CODE = 1005;

/**
 * A WebSocket of one client (RFC 6455): a request of the ledger, which ends with the close frame.
 * A connection that ends without one is an abnormal close, which a browser reports as 1006.
 */
export class WebSocketConnection extends Channel {
  readonly #handshake = new AnswerParser("GET");
  readonly #frames = new FrameReader();
  readonly #key = randomBytes(16).toString("base64");
  readonly #joined = defer<void>();
  #request: PlannedRequest | undefined;
  #isJoined = false;
  /** Whether a message has begun whose last frame has not come. */
  #isInMessage = false;
  #lastByteAt: number | null = null;

  /** It has no natural end: its client may leave it at any time. */
  get isBusy(): boolean {
    return this.#request !== undefined && !this.#isJoined;
  }

  /** Asks for the WebSocket. Resolves when it is open, or has failed. */
  async join(request: PlannedRequest): Promise<void> {
    await this.opened();
    if (!this.isOpen) {
      this.endUnsent(request, false);
      return;
    }
    this.#request = request;
    request.sent();
    this.enter("request in flight");
    this.link.write(
      encodeRequest(request.template, {
        id: request.id,
        authority: this.target.address.authority,
        close: false,
        fields: [
          ["Connection", "Upgrade"],
          ["Upgrade", "websocket"],
          ["Sec-WebSocket-Version", "13"],
          ["Sec-WebSocket-Key", this.#key],
        ],
      }),
    );
    await this.#joined.promise;
  }

  protected received(chunk: Buffer, at: number): void {
    this.#lastByteAt = at;
    if (this.#isJoined) this.#takeFrames(chunk, at);
    else this.#takeHandshake(chunk, at);
  }

  protected settle(cause: Cause): void {
    if (cause === "prover") this.#end({ outcome: "unsent", kind: "prover" });
    else if (cause === "left") this.#end(this.#judgeLeft());
    else if (this.#isJoined) this.#end({ outcome: "dropped", kind: "abnormal-close" });
    else this.#end({ outcome: "dropped", kind: this.#judgeCut(cause) });
  }

  protected waitingFor(): RequestTemplate | undefined {
    return this.#request?.template;
  }

  #takeHandshake(chunk: Buffer, at: number): void {
    const parser = this.#handshake;
    parser.feed(chunk);
    if (!parser.isDone) return;
    const refusal = this.#judgeHandshake();
    if (refusal === undefined) {
      this.#isJoined = true;
      this.#request?.served();
      this.enter("WebSocket");
      this.#joined.resolve();
      if (parser.surplusBytes > 0) this.#takeFrames(chunk.subarray(-parser.surplusBytes), at);
    } else {
      this.#end({ outcome: "dropped", kind: refusal });
      this.finish("closed by client", at);
    }
  }

  /** RFC 6455 §4.1: what makes an answer the one that was asked for. */
  #judgeHandshake(): "malformed" | "5xx" | "not-upgraded" | undefined {
    const { state, status, fields } = this.#handshake;
    if (state === "malformed") return "malformed";
    if ((status ?? 0) >= 500) return "5xx";
    if (status !== 101) return "not-upgraded";
    const accept = createHash("sha1")
      .update(this.#key + GUID)
      .digest("base64");
    const isAccepted = fields.get("sec-websocket-accept") === accept;
    return isAccepted && /^websocket$/i.test(fields.get("upgrade") ?? "") ? undefined : "malformed";
  }

  #takeFrames(chunk: Buffer, at: number): void {
    // After the close frame nothing counts (§5.5.1).
    if (this.#request === undefined) return;
    for (const frame of this.#frames.push(chunk)) this.#takeFrame(frame, at);
    if (!this.#frames.isMalformed) return;
    this.#end({ outcome: "dropped", kind: "malformed" });
    this.finish("closed by client", at);
  }

  #takeFrame({ opcode, isFinal, payload }: Frame, at: number): void {
    if (opcode === OPCODE.ping) this.link.write(encodeControl(OPCODE.pong, payload));
    else if (opcode === OPCODE.close) this.#takeClose(payload, at);
    else if (opcode < OPCODE.close) this.#isInMessage = !isFinal;
  }

  /** The service says goodbye: answered in kind, it then closes the connection (§7.1.1). */
  #takeClose(payload: Buffer, at: number): void {
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : NO_CODE;
    this.entry.saidCloseAt ??= at;
    this.link.write(encodeControl(OPCODE.close, payload.subarray(0, 2)));
    const isWhole = !this.#isInMessage;
    this.#end(
      isWhole ? { outcome: "ok", kind: "closed" } : { outcome: "dropped", kind: "truncated" },
      code,
    );
    this.enter("closing WebSocket");
  }

  #judgeLeft(): Ending {
    if (this.#isJoined) return { outcome: "ok", kind: "left" };
    return { outcome: "dropped", kind: "unanswered" };
  }

  #judgeCut(cause: "ended" | "reset"): "reset" | "empty" | "truncated" | "malformed" {
    if (cause === "reset") return this.#handshake.hasBytes ? "truncated" : "reset";
    const end = this.#handshake.end();
    return end === "complete" ? "truncated" : end;
  }

  #end(ending: Ending, status = this.#handshake.status): void {
    const request = this.#request;
    this.#request = undefined;
    request?.end(ending, { status, lastByteAt: this.#lastByteAt });
    this.#joined.resolve();
  }
}
