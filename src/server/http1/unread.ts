import type { IncomingMessage } from "node:http";

import type { Connection } from "../connection/connection.js";
import { newestRequest, saidClose } from "../node-internals.js";

/** Whether the client has been told that no further request is answered here. */
export function hasSaidClose({ lingering, exchanges, fence }: Connection): boolean {
  if (lingering?.since !== undefined) return true;
  const isSaid = (): boolean => exchanges.open.some((item) => saidClose(item.res));
  return fence.ask("said close", isSaid, false);
}

/** Whether the body of an answered request is still arriving. */
export function isUploading({ lingering }: Connection): boolean {
  return lingering?.upload?.complete === false;
}

/** Whether anything that was sent to us has not been read to its end. */
export function isUnread({ lingering, exchanges }: Connection): boolean {
  return lingering?.hasRefused === true || exchanges.open.some((item) => !item.req.complete);
}

/** Whether a handler waits for more of a request's body. A body that is not read stalls nothing. */
export function isReceiving({ exchanges }: Connection): boolean {
  return exchanges.open.some(
    ({ req }) =>
      !req.complete &&
      req.readableLength === 0 &&
      (req.readableFlowing === true || req.listenerCount("readable") > 0),
  );
}

/** The request that was answered before its body had come, and whose body still has not. */
export function unreadOf({ socket }: Connection): IncomingMessage | undefined {
  const req = socket && newestRequest(socket);
  return req === undefined || req.complete ? undefined : req;
}
