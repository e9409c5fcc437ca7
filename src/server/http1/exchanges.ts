import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

import { now } from "../../clock.js";
import type { Fence } from "../../fence.js";
import { beginning, type InFlight } from "../connection/in-flight.js";
import {
  currentResponse,
  isHeadSent,
  newestRequest,
  type Outgoing,
  type SendArguments,
} from "../node-internals.js";
import { followToEnd, keepQueued, type Exchange } from "./exchange.js";

/** A connection, as the requests on it know it. */
export interface Carrier {
  readonly raw: Socket;
  readonly socket: Socket | undefined;
  readonly visitor: "unknown" | "probe" | "client";
  readonly fence: Fence;
  upgraded: boolean;
  quietSince: number;
  headSince: number | undefined;
  stillSince(instant: number): number;
  /** What was in flight on it when the drain began is followed from now on. */
  followed(): void;
  /** A response is over; `inFlight.finished` says whether it was whole. */
  ended(inFlight: InFlight): void;
}

/**
 * The requests of HTTP/1 on one connection. While the service is ready they cost two property writes each and
 * no listener: Node itself knows the response that owns a socket. Only from the drain's start on is
 * every response followed to its end.
 */
export class Exchanges {
  /** When the last one began, or the connection. */
  startedAt: number;
  readonly #carrier: Carrier;
  readonly #open: Exchange[] = [];
  /** What was in flight when the drain began, until it is followed. */
  #unfollowed: ServerResponse | undefined;
  #isFollowing = false;

  constructor(carrier: Carrier, startedAt: number) {
    this.#carrier = carrier;
    this.startedAt = startedAt;
  }

  get fence(): Fence {
    return this.#carrier.fence;
  }

  /** Those whose responses are not finished, in their order. Outside a drain only those that wait for the socket. */
  get open(): readonly Exchange[] {
    this.follow();
    return this.#open;
  }

  /** Whether what is in flight can be told. */
  get isFollowed(): boolean {
    return this.#unfollowed === undefined;
  }

  /** Whether a request is known already: frameworks emit one again, to the same server or another, to route it anew. */
  knows(res: ServerResponse): boolean {
    return this.#unfollowed === res || isAmong(this.#open, res);
  }

  /** A request has begun. */
  begin(req: IncomingMessage, res: ServerResponse, isProbe: boolean): void {
    this.follow();
    this.#carrier.headSince = undefined;
    this.startedAt = now();
    if (this.#isFollowing) {
      this.#follow(res, { req, startedAt: this.startedAt, isProbe });
      return;
    }
    if (currentResponse(req.socket) === res) return;
    // Pipelined: Node does not show those that wait for the socket.
    const item: Exchange = { owner: this, req, res, ...beginning(this.startedAt, isProbe) };
    this.#open.push(item);
    keepQueued(item);
  }

  /** One that waited for the socket is over; once a drain follows it, that tells of its end. */
  forget(item: Exchange): void {
    if (this.#isFollowing) return;
    const index = this.#open.indexOf(item);
    if (index !== -1) this.#open.splice(index, 1);
  }

  /**
   * From here on every response is followed to its end. Called once, when a drain begins, for all connections in one turn:
   * what that need not bear is left to {@link follow}. Returns whether anything is in flight.
   */
  followSoon(): boolean {
    this.#isFollowing = true;
    if (this.#open.length > 0) {
      const queued = this.#open.splice(0);
      this.#tryToFollow(() => {
        this.#followCurrent(queued);
        for (const item of queued) {
          if (!item.res.writableFinished && !isAmong(this.#open, item.res)) {
            this.#follow(item.res, item);
          }
        }
      });
      return true;
    }
    try {
      this.#unfollowed = this.#current;
      if (this.#unfollowed === undefined) return false;
      if (!isHeadSent(this.#unfollowed)) holdUntilFollowed(this.#unfollowed, this);
    } catch (thrown) {
      this.#tryToFollow(() => {
        throw thrown;
      });
    }
    return true;
  }

  /** Follows what was in flight when the drain began, unless that is done. Nothing of it is read before. */
  follow(): void {
    const res = this.#unfollowed;
    if (res === undefined) return;
    this.#unfollowed = undefined;
    this.#tryToFollow(() => {
      if (!res.writableFinished) this.#follow(res);
    });
  }

  /** What is in flight on it may not be told: as one that was taken over it is left to itself until the cut. */
  #tryToFollow(follow: () => void): void {
    let isFollowed = false;
    this.fence.attempt("follow a connection", () => {
      follow();
      if (this.#open.length > 0) this.#carrier.followed();
      isFollowed = true;
    });
    if (!isFollowed) this.#carrier.upgraded = true;
  }

  /**
   * A socket that is gone still names the response it had, which has ended with it; and one that was taken over that which
   * Fastify's plugins make of it, in case they say no.
   */
  get #current(): ServerResponse | undefined {
    const { raw, socket, upgraded } = this.#carrier;
    if (upgraded) return undefined;
    const current = socket && currentResponse(socket);
    if (current === undefined || raw.destroyed || current.destroyed) return undefined;
    return current;
  }

  #followCurrent(queued: readonly Exchange[] = []): void {
    const current = this.#current;
    if (current === undefined || isAmong(this.#open, current)) return;
    this.#follow(
      current,
      queued.find((item) => item.res === current),
    );
  }

  /** Where nothing was kept of it when it began: on a prober's connection there is nothing else. */
  #follow(res: ServerResponse, known?: Pick<Exchange, "req" | "startedAt" | "isProbe">): void {
    const req = known?.req ?? res.req;
    const startedAt = known?.startedAt ?? this.startedAt;
    const isProbe = known?.isProbe ?? this.#carrier.visitor === "probe";
    const item: Exchange = { owner: this, req, res, ...beginning(startedAt, isProbe) };
    this.#open.push(item);
    this.#carrier.stillSince(now());
    followToEnd(item);
  }

  /** Not while requests that were pipelined before the count began wait behind those we know. */
  isLast(item: Exchange): boolean {
    const newest = this.open.at(-1);
    const { socket } = this.#carrier;
    const parsed = socket && newestRequest(socket);
    return newest === item && (parsed === undefined || parsed === item.req);
  }

  /** What came after them is no request: their answers wait for nothing, and it is answered after them. */
  broken(): void {
    for (const item of this.#open) item.sendHeld?.();
  }

  finished(item: Exchange): void {
    this.fence.attempt("finish a response", () => {
      item.finished = !(this.#carrier.socket ?? this.#carrier.raw).destroyed;
    });
  }

  ended(item: Exchange): void {
    this.fence.attempt("end a response", () => this.#end(item));
  }

  /** The connection is gone, and those that Node forgot with it. */
  endAll(): void {
    for (const item of [...this.open]) this.#end(item);
  }

  /** From now on nothing is followed that is not yet. */
  release(): void {
    this.#unfollowed = undefined;
  }

  #end(item: Exchange): void {
    const index = this.#open.indexOf(item);
    if (index === -1) return;
    this.#open.splice(index, 1);
    this.#carrier.quietSince = now();
    try {
      // A response that was pipelined before the count began shows itself only now.
      this.#followCurrent();
    } finally {
      this.#carrier.ended(item);
    }
  }
}

/** Asked for every request: it costs no closure. */
function isAmong(items: readonly Exchange[], res: ServerResponse): boolean {
  for (const item of items) if (item.res === res) return true;
  return false;
}

const FOLLOWED_BY = Symbol("lastcall.followed-by");

type Held = Outgoing & { [FOLLOWED_BY]?: Exchanges };

/** The head of a response says what is right for it only where it is followed: by its first part at the latest. */
function holdUntilFollowed(res: ServerResponse, exchanges: Exchanges): void {
  (res as Held)[FOLLOWED_BY] = exchanges;
  (res as Held)._send = followFirst;
}

function followFirst(this: Held, ...args: SendArguments): boolean {
  delete (this as Partial<Outgoing>)._send;
  if (this.socket !== null) this[FOLLOWED_BY]?.follow();
  return this._send(...args);
}
