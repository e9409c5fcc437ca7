import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";

import { Alarm, nextCheckPhase, now } from "../../clock.js";
import type { Fence } from "../../fence.js";
import type { InFlight } from "../connection/in-flight.js";
import { Streams } from "./streams.js";

/** What {@link Session} tells its server. */
export interface SessionOwner {
  readonly fence: Fence;
  /** A stream is over; `inFlight.finished` says whether its response was whole. */
  streamEnded(inFlight: InFlight): void;
  /** GOAWAY is sent. */
  told(): void;
}

const SESSION = Symbol("lastcall.session");

type Tagged = ServerHttp2Session & { [SESSION]?: Session };

/** What is known of a stream's session. */
export function sessionOf({ session }: ServerHttp2Stream): Session | undefined {
  return (session as Tagged | undefined)?.[SESSION];
}

/**
 * One HTTP/2 session, and when it is told to leave.
 *
 * Node's `session.close()` sends one GOAWAY that names the last stream it has taken, finishes those,
 * and never hands over a later one (RFC 9113 §6.8: the client may safely send that again elsewhere). What
 * is left to decide is the moment: a quiet one costs no client a retry.
 */
export class Session {
  /** The instant since which no request can come of it any more; its client may still be connected. */
  overSince: number | undefined;
  /** Those that are open. */
  readonly streams: Streams;
  readonly #startedAt = now();
  readonly #session: ServerHttp2Session;
  readonly #owner: SessionOwner;
  readonly #alarm: Alarm;
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
    this.streams = new Streams(owner.fence, (item) => this.#ended(item));
    this.#alarm = new Alarm(owner.fence.callback("tell a session", () => this.#tellWhenDue()));
    (session as Tagged)[SESSION] = this;
    this.#hadStream = !isNew;
  }

  /** Whether Node has finished every stream and let go of the socket. */
  get isDestroyed(): boolean {
    return this.#session.destroyed;
  }

  /** A stream has begun, with a request's head. */
  begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, isProbe: boolean): void {
    this.streams.begin(stream, headers, isProbe);
    this.#hadStream = true;
    // Not at once: what came in the same flight of bytes is taken too.
    if (this.#latest !== Number.POSITIVE_INFINITY) this.#tellBy(now());
  }

  #ended(item: InFlight): void {
    if (this.streams.isQuiet && now() >= this.#from) this.#alarm.atLatest(now());
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
    const due = Math.min(
      this.#latest,
      this.streams.isQuiet ? this.#quietFrom : Number.POSITIVE_INFINITY,
    );
    // Timers may be a fraction of a millisecond early.
    if (due <= now()) this.#tell();
    else if (due !== Number.POSITIVE_INFINITY) this.#alarm.atLatest(due);
  }

  #tell(): void {
    this.#close();
    this.#noteEnd();
    this.#owner.told();
  }

  #close(): void {
    const close = (): void => {
      if (!this.#session.closed) this.#session.close();
    };
    this.#owner.fence.ask("close of a session", close, undefined);
  }

  #noteEnd(): void {
    if (this.#session.closed && this.streams.isQuiet) this.overSince ??= now();
  }

  /** Ends every stream, and gives the frames that say so the two turns that they take to the kernel. */
  async cut(): Promise<void> {
    for (const item of this.streams.inFlight) this.streams.reset(item);
    this.#close();
    await nextCheckPhase();
    await nextCheckPhase();
  }

  /** The connection is gone; streams that Node has not yet told of are ended too. */
  close(): void {
    this.streams.endAll();
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
  const quietFirst = [...sessions].sort(
    (a, b) => Number(b.streams.isQuiet) - Number(a.streams.isQuiet),
  );
  for (const [index, session] of quietFirst.entries()) {
    session.leaveWhenQuiet(start + index * step, firstWait);
  }
}
