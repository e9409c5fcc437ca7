import type { ServerResponse } from "node:http";

import type { Fence } from "../../fence.js";
import { isHeadSent, sayClose, type Outgoing, type SendArguments } from "../node-internals.js";
import { beforeOthers } from "./before-others.js";

/** What is asked and told about one response. */
export interface HeadOwner {
  readonly fence: Fence;
  /** Whether no request is known to come after it on its connection. */
  isLast(): boolean;
  /** The head is sent. */
  sent(): void;
}

/**
 * Lets a response of HTTP/1 say close, if it is the connection's last one when its head goes out. That is where all ways to write
 * a head meet, and where it is known at last: a response says it too early, and the requests behind it are lost, which have run
 * already. What the application has written there is not its to decide (RFC 9110 §7.6.1).
 *
 * Nothing is sent in the turn of the call, in which Node may be in the middle of the bytes that brought the request: the next one
 * may be among them. Unless the application ends the connection in that same turn, as one does that will not take a body.
 *
 * Returns the function that sends at once what is held.
 */
export function closeAfter(res: ServerResponse, owner: HeadOwner): (() => void) | undefined {
  if (isHeadSent(res)) return undefined;
  const head = new ClosingHead(res as Outgoing, owner);
  head.install();
  return () => head.sendHeld();
}

class ClosingHead {
  readonly #res: Outgoing;
  readonly #owner: HeadOwner;
  readonly #held: SendArguments[] = [];
  #size = 0;
  #isHolding = true;
  /** More may come: what was held need not be waited for. */
  #mayGoOn = false;
  #forgetOthers: (() => void) | undefined;

  constructor(res: Outgoing, owner: HeadOwner) {
    this.#res = res;
    this.#owner = owner;
  }

  install(): void {
    this.#res._send = (...args) => this.#send(args);
    process.nextTick(() => this.#endOfTurn());
  }

  #send(args: SendArguments): boolean {
    if (this.#isHolding) return this.#hold(args);
    this.#sendHead();
    const mayGoOn = this.#res._send(...args);
    this.#owner.sent();
    return mayGoOn;
  }

  /** Node hands over every part of a head and body; returns whether more may come before some are sent. */
  #hold(args: SendArguments): boolean {
    if (this.#held.length === 0) this.#watchOthers();
    this.#held.push(args);
    this.#size += args[0].length;
    const most = (): number => this.#res.writableHighWaterMark;
    return this.#size < this.#owner.fence.ask("room of a response", most, 0);
  }

  /** One that waits for others' answers has no socket yet, and none that could be ended before it. */
  #watchOthers(): void {
    const watch = (): void => {
      const { socket } = this.#res;
      if (socket !== null) this.#forgetOthers = beforeOthers(socket, () => this.sendHeld());
    };
    this.#owner.fence.ask("socket of a response", watch, undefined);
  }

  #endOfTurn(): void {
    this.sendHeld();
    // Code that was told to wait, and need not: the socket's own event comes only when that was full.
    const isWaiting = (): boolean => this.#res.writableNeedDrain;
    if (this.#mayGoOn && this.#owner.fence.ask("wait of a response", isWaiting, true)) {
      this.#res.emit("drain");
    }
  }

  /** Sends what is held. */
  sendHeld(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.#owner.fence.ask("methods of a socket", () => this.#forgetOthers?.(), undefined);
    if (this.#held.length === 0) return;
    this.#sendHead();
    this.#mayGoOn = this.#sendParts();
  }

  /** In a turn of its own an exception would find no handler of the application's; the answer is lost. */
  #sendParts(): boolean {
    try {
      const mayGoOn = this.#held.map((args) => this.#res._send(...args)).at(-1) === true;
      this.#owner.sent();
      return mayGoOn;
    } catch (thrown) {
      this.#owner.fence.failed("send what was held", thrown);
      this.#res.destroy();
      return false;
    }
  }

  #sendHead(): void {
    delete (this.#res as Partial<Outgoing>)._send;
    const say = (): void => {
      if (this.#owner.isLast()) sayClose(this.#res);
    };
    this.#owner.fence.ask("connection header of a response", say, undefined);
  }
}
