import type { ServerHttp2Stream } from "node:http2";

import { nextCheckPhase, now, until } from "../../clock.js";
import { DrainAbortedError } from "../../errors.js";
import type { Fence } from "../../fence.js";
import { abortRequest, hasSignal } from "../../request/signal.js";
import type { Goodbye, Turn } from "../goodbyes/goodbye.js";
import type { Goodbyes } from "../goodbyes/goodbyes.js";
import type { InFlight } from "../connection/in-flight.js";
import type { StreamInFlight } from "../http2/streams.js";
import { tear } from "../connection/tear.js";
import { goodbye, type Endings } from "../upgraded/goodbye.js";
import { answerOf, typeOf, whenBegun, type Answer } from "./answer.js";
import { betweenEvents } from "./between-events.js";
import { isEventSource, isEventStream, isTunnel, type RequestHead } from "./event-source.js";

/** A handler whose signal aborts has this long to end its stream itself, in ms. */
const LONGEST_REACTION = 1_000;

/** A registration costs some microseconds; more of them in one turn would be felt on the event loop. */
const MOST_PER_TURN = 500;

/** What the application says of a request: whether it is long-lived; undefined leaves it to the default. */
export type IsLongLived = (req: RequestHead) => boolean | undefined;

/** What the service says of its long-lived requests. */
export interface LongLivedOwner {
  readonly isLongLived: IsLongLived | undefined;
  readonly endsEventStreams: boolean;
  readonly fence: Fence;
}

/**
 * The long-lived requests of one server, whose answers have no end that could be waited for: streams of events that lastcall
 * has not made, and tunnels in streams of HTTP/2, which end as those of HTTP/1 do. In their turn after the listener closed their
 * signals abort, so that the application ends them; one that it does not end is torn, between two events where that can be seen,
 * and its client comes back by itself.
 */
export class LongLived {
  /** How many were let go. */
  letGoCount = 0;
  readonly #asked: IsLongLived | undefined;
  readonly #endsEventStreams: boolean;
  readonly #endings: Endings;
  readonly #fence: Fence;
  readonly #begun = new Set<InFlight>();
  #goodbyes: Goodbyes | undefined;

  /** `endings`: how tunnels end. */
  constructor(owner: LongLivedOwner, endings: Endings) {
    this.#asked = owner.isLongLived;
    this.#endsEventStreams = owner.endsEventStreams;
    this.#endings = endings;
    this.#fence = owner.fence;
  }

  /** A request is in flight, and the drain has begun. */
  add(item: InFlight, head: RequestHead): void {
    this.#fence.attempt("find a long-lived request", () => this.#add(item, head));
  }

  #add(item: InFlight, head: RequestHead): void {
    const said = this.#fence.ask("longLived", () => this.#asked?.(head), undefined);
    const asks = (): boolean => isEventSource(head) || isTunnel(head);
    item.isLongLived = said ?? this.#fence.ask("head of a request", asks, false);
    if (!item.isLongLived) return;
    const begun = this.#fence.callback("begin a long-lived answer", () => {
      // Whatever an EventSource asked for, it may have been given something else.
      item.isLongLived = said ?? (isTunnel(head) || isEventStream(typeOf(answerOf(item))));
      if (!item.isLongLived) return;
      this.#begun.add(item);
      this.#register(item);
    });
    whenBegun(item, begun);
  }

  /** A request is over. */
  delete(item: InFlight): void {
    this.#begun.delete(item);
  }

  /** From now on they are let go, where the application has registered no goodbye. */
  async letGo(goodbyes: Goodbyes): Promise<void> {
    this.#goodbyes = goodbyes;
    let count = 0;
    for (const item of this.#begun) {
      this.#register(item);
      if (++count % MOST_PER_TURN === 0) await nextCheckPhase();
    }
  }

  #register(item: InFlight): void {
    const goodbyes = this.#goodbyes;
    const answer = answerOf(item);
    if (goodbyes === undefined || goodbyes.has(answer)) return;
    // What an application knows in the compatibility API of HTTP/2.
    const { res } = item as Partial<StreamInFlight>;
    if (res !== undefined && goodbyes.has(res)) return;
    const isStream = !isTunnel(item.req);
    goodbyes.add(answer, isStream ? this.#goodbye(item, answer) : this.#leaveTunnel(item, answer));
  }

  /** Nothing is lost with a tunnel, whichever side ends it first. */
  #leaveTunnel(item: InFlight, answer: Answer): Goodbye<Turn> {
    const leave = goodbye(answer as ServerHttp2Stream, this.#endings);
    return (turn) => {
      item.isLetGo = true;
      return leave(turn);
    };
  }

  #goodbye(item: InFlight, answer: Answer): Goodbye<Turn> {
    return async (turn) => {
      if (!turn.isCurrent) return;
      // A signal that nothing has asked for is not made: code that asks later finds out from the end of the answer.
      if (hasSignal(item.req, this.#fence)) await this.#abort(item, answer, turn);
      const isOver = (): boolean => turn.isOver || answer.destroyed;
      await betweenEvents(answer, isOver, async (end) => {
        // The cut has come first, and counts for itself.
        if (turn.isOver) return;
        this.letGoCount++;
        if (isOver() || answer.writableEnded) return;
        item.isLetGo = true;
        if (this.#endsEventStreams && isEventStream(typeOf(answer))) await end?.();
        // One that has ended takes what the application writes on without an error, too.
        if (answer.writableFinished) answer.destroy();
        else tear(answer);
      });
    };
  }

  /** Gives the application the time to end a stream itself. */
  async #abort(item: InFlight, answer: Answer, { signal }: Turn): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort();
    answer.once("close", end);
    signal.addEventListener("abort", end);
    abortRequest(item.req, new DrainAbortedError(LONGEST_REACTION), this.#fence);
    await until(now() + LONGEST_REACTION, over.signal);
  }
}
