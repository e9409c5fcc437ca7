import type {
  Http2ServerRequest,
  Http2ServerResponse,
  IncomingHttpHeaders,
  ServerHttp2Stream,
} from "node:http2";

import { now } from "../../clock.js";
import { DrainAbortedError } from "../../errors.js";
import type { Fence } from "../../fence.js";
import { bindHead, type NamedRequest } from "../../request/route.js";
import { isAnswered } from "../../request/stream.js";
import { beginning, type InFlight } from "../connection/in-flight.js";

/** An HTTP/2 stream with a request whose response is not finished. */
export interface StreamInFlight extends InFlight {
  req: NamedRequest & {
    readonly headers: IncomingHttpHeaders;
    readonly stream: ServerHttp2Stream;
  };
  /** What answers it in the compatibility API, where that is used. */
  res: Http2ServerResponse | undefined;
  /** The instant at which it was first seen to wait for its client, while it does. */
  waitingSince: number | undefined;
}

/** The open streams of one session. */
export class Streams {
  readonly #fence: Fence;
  readonly #ended: (item: StreamInFlight) => void;
  readonly #open = new Map<ServerHttp2Stream, StreamInFlight>();

  /** `ended`: one is over; its `finished` says whether its response was whole. */
  constructor(fence: Fence, ended: (item: StreamInFlight) => void) {
    this.#fence = fence;
    this.#ended = ended;
  }

  get inFlight(): readonly StreamInFlight[] {
    return [...this.#open.values()];
  }

  get isQuiet(): boolean {
    return this.#open.size === 0;
  }

  begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, isProbe: boolean): void {
    const { ":method": method, ":path": url } = headers;
    const item: StreamInFlight = {
      req: { method, url, headers, stream },
      res: undefined,
      waitingSince: undefined,
      ...beginning(now(), isProbe),
    };
    bindHead(stream, item.req);
    this.#open.set(stream, item);
    const end = this.#fence.callback("end a stream", () => this.#end(item));
    stream.once("close", end);
  }

  /** The compatibility API made a request of a stream; frameworks leave the route on it. */
  named(req: Http2ServerRequest, res: Http2ServerResponse): void {
    const item = this.#open.get(req.stream);
    if (item === undefined) return;
    item.req = req;
    item.res = res;
  }

  #end(item: StreamInFlight): void {
    const { stream } = item.req;
    if (!this.#open.delete(stream)) return;
    item.finished = this.#fence.ask("answer of a stream", () => isAnswered(stream), false);
    this.#ended(item);
  }

  /** Ends one and leaves the others alone. */
  reset(item: StreamInFlight): void {
    const { stream } = item.req;
    this.#fence.ask("reset of a stream", () => tearStream(stream), undefined);
  }

  /** The connection is gone. */
  endAll(): void {
    for (const item of this.inFlight) this.#end(item);
  }
}

/**
 * Ends a stream so that its client can tell the end from success, and leaves the others alone. With an error, which Node makes
 * INTERNAL_ERROR of (RFC 9113 §7): its own client would take a response that is cut with CANCEL for a whole one. By
 * `destroy()`, because `close()` ends the response in order first, and the code comes too late.
 */
export function tearStream(stream: ServerHttp2Stream): void {
  // No other code need listen for it.
  stream.on("error", () => {});
  stream.destroy(new DrainAbortedError(0));
}

/** What a stream waits for its client to do: take more of a response, or send more of a body. */
export function waitsFor({ req: { stream } }: StreamInFlight): "send" | "body" | undefined {
  if (stream.writableLength > 0) return "send";
  const { readableEnded, readableLength, readableFlowing } = stream;
  if (stream.endAfterHeaders || readableEnded || readableLength > 0) return undefined;
  // A body that is not read stalls nothing.
  return readableFlowing === true || stream.listenerCount("readable") > 0 ? "body" : undefined;
}
