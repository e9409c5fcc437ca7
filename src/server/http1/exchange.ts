import type { IncomingMessage, ServerResponse } from "node:http";

import type { Fence } from "../../fence.js";
import type { InFlight } from "../connection/in-flight.js";
import { endsWithConnection, isHeadSent } from "../node-internals.js";
import { closeAfter } from "./closing-head.js";
import { resetWhenTorn } from "./reset-when-torn.js";

/** A request of HTTP/1 whose response is not finished: that is, of which a byte is not in the kernel. */
export interface Exchange extends InFlight {
  readonly owner: ExchangeOwner;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Called once its head is sent, where that is to come and is waited for. */
  begun?: () => void;
  /** Sends at once what of it is held until the end of the turn. */
  sendHeld?: (() => void) | undefined;
}

/** What is asked and told about one. */
interface ExchangeOwner {
  readonly fence: Fence;
  /** Whether no request is known to come after it on its connection. */
  isLast(item: Exchange): boolean;
  /** Everything of its response is handed over. */
  finished(item: Exchange): void;
  /** Its response is over. */
  ended(item: Exchange): void;
  /** One that only waited for the socket is over, of which nothing is kept. */
  forget(item: Exchange): void;
}

const EXCHANGE = Symbol("lastcall.exchange");

type Followed = ServerResponse & { [EXCHANGE]?: Exchange };

/** Tells when one is over that waits for the socket, and is not followed. */
export function keepQueued(item: Exchange): void {
  const { owner, res } = item;
  (res as Followed)[EXCHANGE] = item;
  owner.fence.ask("end of a queued response", () => res.once("close", onQueuedClose), res);
}

/** Follows a response from its head, which says close on the last one of a connection, to its end. */
export function followToEnd(item: Exchange): void {
  const { owner, res } = item;
  const { fence } = owner;
  (res as Followed)[EXCHANGE] = item;
  if (isHeadSent(res)) begun(item);
  else {
    const isLast = (): boolean => owner.isLast(item);
    const sent = (): void => {
      begun(item);
      item.begun?.();
    };
    const closing = (): typeof item.sendHeld => closeAfter(res, { fence, isLast, sent });
    item.sendHeld = fence.ask("head of a response", closing, undefined);
  }
  fence.ask("events of a response", () => listen(res), undefined);
}

/** The head of a response is sent. The application may destroy it too, once its signal has aborted. */
function begun({ owner, res }: Exchange): void {
  const follow = (): void => {
    if (res.socket !== null && endsWithConnection(res)) resetWhenTorn(res.socket);
  };
  owner.fence.ask("end of an answer", follow, undefined);
}

/**
 * First in line: after Node's own listener the socket may be destroyed for good reasons, and on Node 20 and 22 `finish` also
 * fires for a response that a destroyed socket swallowed. Listeners for all, so that a response costs no closure.
 */
function listen(res: ServerResponse): void {
  res.prependListener("finish", onFinish);
  res.on("close", onClose);
}

function onFinish(this: Followed): void {
  const item = this[EXCHANGE];
  item?.owner.finished(item);
}

function onQueuedClose(this: Followed): void {
  const item = this[EXCHANGE];
  item?.owner.forget(item);
}

function onClose(this: Followed): void {
  const item = this[EXCHANGE];
  item?.owner.ended(item);
}
