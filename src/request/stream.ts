import type { ServerHttp2Stream } from "node:http2";

import { fenceOfProcess } from "../fence.js";

/**
 * The HTTP/2 stream that `req` is, or that a request of Node's compatibility API belongs to.
 * Undefined for everything else. By shape: importing `node:http2` would cost every HTTP/1 service.
 */
export function streamOf(req: unknown): ServerHttp2Stream | undefined {
  return fenceOfProcess.ask("stream of a request", () => findStream(req), undefined);
}

function findStream(req: unknown): ServerHttp2Stream | undefined {
  const { stream = req } = (req ?? {}) as { stream?: unknown };
  const { rstCode } = (stream ?? {}) as { rstCode?: unknown };
  return typeof rstCode === "number" ? (stream as ServerHttp2Stream) : undefined;
}

/**
 * Whether the stream's response got out whole. `writableFinished` does not tell: Node also ends the
 * writable side of a stream that its client has reset, and that of a HEAD request before it is answered.
 */
export function isAnswered(stream: ServerHttp2Stream): boolean {
  const { headersSent, writableFinished, rstCode, aborted } = stream;
  return headersSent && writableFinished && rstCode === 0 && !aborted;
}
