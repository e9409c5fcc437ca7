import type { ServerResponse } from "node:http";

import { sentHead } from "./node-internals.js";

/**
 * Ends an event stream whose own code does not. It has no length and no last event, so it is whole
 * wherever it ends, and its client reconnects. Any other response that were ended early would be taken for
 * a whole one: that must end in a way that the client can tell from success. Returns whether it was one.
 */
export function endEventStream(res: ServerResponse): boolean {
  if (res.writableEnded || !isEventStream(res)) return false;
  // Its code does not know, and writes on; without a listener that would be an uncaught exception.
  res.on("error", () => {});
  res.end();
  return true;
}

function isEventStream(res: ServerResponse): boolean {
  if (!res.headersSent) return false;
  // What writeHead() was given never shows in getHeader().
  const [, sent] = /^content-type: *(.*)$/im.exec(sentHead(res)) ?? [];
  return /^text\/event-stream\b/i.test(sent ?? String(res.getHeader("content-type") ?? ""));
}
