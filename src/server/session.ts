import type {
  Http2ServerRequest,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from "node:http2";

import { Alarm, nextCheckPhase, now } from "../clock.js";
import { bindHead, type NamedRequest } from "../request/route.js";
import { isAnswered } from "../request/stream.js";
import type { InFlight } from "./in-flight.js";

/**
 * To a client, a stream that is cut is an error. With CANCEL, Node's own client would take a response
 * that ends in the middle for a whole one. RFC 9113 §7.
 */
const INTERNAL_ERROR = 2;

/** What {@link Session} tells its server. */
export interface SessionOwner {
  /** A stream is over; `inFlight.finished` says whether its response was whole. */
  streamEnded(inFlight: InFlight): void;
  /** GOAWAY is sent. */
  told(): void;
}

/** An HTTP/2 stream with a request whose response is not finished. */
export interface StreamInFlight extends InFlight {
  req: NamedRequest & { readonly stream: ServerHttp2Stream };
  /** The instant at which it was first seen to wait for its client, while it does. */
  waitingSince: number | undefined;
}

const SESSION = Symbol("lastcall.session");

type Tagged = ServerHttp2Session & { [SESSION]?: Session };

/** What is known of a stream's session. */
export function sessionOf({ session }: ServerHttp2Stream): Session | undefined {
  return (session as Tagged | undefined)?.[SESSION];
}

/**
 * One HTTP/2 session: its open streams, and when it is told to leave.
 *
 * Node's `session.close()` sends one GOAWAY that names the last stream it has taken, finishes those,
 * and never hands over a later one (RFC 9113 §6.8: the client may safely send that again elsewhere). What
 * is left to decide is the moment: a quiet one costs no client a retry.
 */
export class Session {
  /** The instant since which no request can come of it any more; its client may still be connected. */
  overSince: number | undefined;
  readonly #startedAt = now();
  readonly #session: ServerHttp2Session;
  readonly #owner: SessionOwner;
  readonly #open = new Map<ServerHttp2Stream, StreamInFlight>();
  readonly #alarm = new Alarm(() => this.#tellWhenDue());
  /** A client that has just come is given this long for its first request, in ms. */
  #firstWait = 0;
  #hadStream: boolean;
  /** From here on told at a quiet moment. */
  #from = Number.POSITIVE_INFINITY;
  /** From here on told, quiet or not. */
  #latest = Number.POSITIVE_INFINITY;

  /** `isNew`: it has just begun, and every stream of it will be seen. */
  constructor(session: ServerHttp2Session, owner: SessionOwner, isNew: boolean) {
    this.#session = session;
    this.#owner = owner;
    (session as Tagged)[SESSION] = this;
    this.#hadStream = !isNew;
  }

  get inFlight(): readonly StreamInFlight[] {
    return [...this.#open.values()];
  }

  get isQuiet(): boolean {
    return this.#open.size === 0;
  }

  /** Whether Node has finished every stream and let go of the socket. */
  get isDestroyed(): boolean {
    return this.#session.destroyed;
  }

  /** A stream has begun, with a request's head. */
  begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const { ":method": method, ":path": url } = headers;
    const item: StreamInFlight = {
      req: { method, url, stream },
      startedAt: now(),
      finished: false,
      isProbe: false,
      waitingSince: undefined,
    };
    bindHead(stream, item.req);
    this.#open.set(stream, item);
    this.#hadStream = true;
    stream.once("close", () => this.#end(item));
    // Not at once: what came in the same flight of bytes is taken too.
    if (this.#latest !== Number.POSITIVE_INFINITY) this.#tellBy(now());
  }

  /** The compatibility API made a request of a stream; frameworks leave the route on it. */
  named(req: Http2ServerRequest): void {
    const item = this.#open.get(req.stream);
    if (item !== undefined) item.req = req;
  }

  #end(item: StreamInFlight): void {
    const { stream } = item.req;
    if (!this.#open.delete(stream)) return;
    item.finished = isAnswered(stream);
    if (this.isQuiet && now() >= this.#from) this.#alarm.atLatest(now());
    this.#noteEnd();
    this.#owner.streamEnded(item);
  }

  /**
   * Tells the client, from `from` on and at a moment when no stream is open, that no further stream is
   * taken here. One that has just come is given `firstWait` ms for its first request.
   */
  leaveWhenQuiet(from: number, firstWait: number): void {
    this.#from = from;
    this.#firstWait = firstWait;
    this.#alarm.atLatest(this.#quietFrom);
  }

  /** Tells the client now, whether streams are open or not; one that has just come, after its first request. */
  leave(firstWait: number): void {
    this.#firstWait = firstWait;
    this.#from = now();
    this.#tellBy(this.#quietFrom);
  }

  get #quietFrom(): number {
    return this.#hadStream ? this.#from : Math.max(this.#from, this.#startedAt + this.#firstWait);
  }

  #tellBy(instant: number): void {
    this.#latest = instant;
    this.#alarm.atLatest(instant);
  }

  #tellWhenDue(): void {
    const due = Math.min(this.#latest, this.isQuiet ? this.#quietFrom : Number.POSITIVE_INFINITY);
    // Timers may be a fraction of a millisecond early.
    if (due <= now()) this.#tell();
    else if (due !== Number.POSITIVE_INFINITY) this.#alarm.atLatest(due);
  }

  #tell(): void {
    if (!this.#session.closed) this.#session.close();
    this.#noteEnd();
    this.#owner.told();
  }

  #noteEnd(): void {
    if (this.#session.closed && this.isQuiet) this.overSince ??= now();
  }

  /** Ends one stream and leaves the others alone. */
  reset(item: StreamInFlight): void {
    item.req.stream.close(INTERNAL_ERROR);
  }

  /** Ends every stream, and gives the frames that say so the two turns that they take to the kernel. */
  async cut(): Promise<void> {
    for (const item of this.inFlight) this.reset(item);
    if (!this.#session.closed) this.#session.close();
    await nextCheckPhase();
    await nextCheckPhase();
  }

  /** The connection is gone; streams that Node has not yet told of are ended too. */
  close(): void {
    for (const item of this.inFlight) this.#end(item);
    this.release();
  }

  /** Leaves nothing behind that could still act. */
  release(): void {
    this.#alarm.clear();
    delete (this.#session as Tagged)[SESSION];
  }
}

/**
 * Tells sessions one after the other until `end`, so that their clients do not all reconnect at once. Those
 * without a stream come first; for the others it is the instant from which a quiet moment counts.
 */
export function spreadGoodbyes(sessions: readonly Session[], end: number, firstWait: number): void {
  const start = now();
  const step = Math.max(0, end - start) / sessions.length;
  const quietFirst = [...sessions].sort((a, b) => Number(b.isQuiet) - Number(a.isQuiet));
  for (const [index, session] of quietFirst.entries()) {
    session.leaveWhenQuiet(start + index * step, firstWait);
  }
}

/** What a stream waits for its client to do: take more of a response, or send more of a body. */
export function waitsFor({ req: { stream } }: StreamInFlight): "send" | "body" | undefined {
  if (stream.writableLength > 0) return "send";
  const { readableEnded, readableLength, readableFlowing } = stream;
  if (stream.endAfterHeaders || readableEnded || readableLength > 0) return undefined;
  // A body that nobody reads stalls nobody.
  return readableFlowing === true || stream.listenerCount("readable") > 0 ? "body" : undefined;
}
