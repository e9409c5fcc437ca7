import { nextCheckPhase, now } from "../clock.js";
import type { Counted } from "../record.js";
import { isListening, type AttachableServer } from "./attachable.js";
import type { Connection } from "./connection/connection.js";
import { cut } from "./connection/cut.js";
import { SentAway } from "./connection/sent-away.js";
import type { Goodbyes } from "./goodbyes/goodbyes.js";
import { guard } from "./guard.js";
import type { Visits } from "./lame-duck/visits.js";
import type { Acceptor } from "./listener/accept-queue.js";
import { Listener } from "./listener/listener.js";
import { createProtocols, type Protocols, type ProtocolsOwner } from "./protocols.js";
import { Reception, headOf, type ReceptionOwner } from "./reception.js";

/** To follow a request costs some twenty microseconds; more of them in one turn would stall the event loop. */
const MOST_PER_TURN = 50;

/** What an attached server tells the service, and asks it. */
export interface ServerOwner extends ProtocolsOwner, ReceptionOwner {
  /** False: another server hands it its connections. */
  readonly listens: boolean;
  /** Whether requests are to be found from whatever their handlers call. */
  readonly currentSignal: boolean;
  /** Whether a server that was stopped may be used on. */
  isGivenBack(): boolean;
  /** It has begun, or is about, to serve. */
  came(server: AttachedServer): void;
  /** It serves no longer: its owner closed it, or it could not listen. It may come back. */
  went(): void;
  /** Nor has it a connection left. */
  gone(server: AttachedServer): void;
  /** `listen()` was called after the drain began, and binds nothing. */
  toldToListen(): void;
  /** `close()` is called, by whatever code. */
  beforeClose(): void;
  foreignClose(): void;
  /** Other code destroys connections; `inFlight`: how many have a request whose answer is not whole. */
  foreignCut(inFlight: number): void;
}

/**
 * One server in the service's care, and the steps of a drain that concern it. The service decides when; this class
 * knows in which order; {@link Listener}, {@link Reception} and {@link Protocols} know how.
 */
export class AttachedServer implements Acceptor {
  readonly server: AttachableServer;
  readonly connections: Set<Connection> = new Set();
  readonly listener: Listener;
  /** Resolves when what was in flight at the drain's start is known; never rejects. */
  known: Promise<void> = Promise.resolve();
  /** Resolves when the listener and every connection are closed. */
  readonly settled: Promise<void>;
  readonly #owner: ServerOwner;
  readonly #protocols: Protocols;
  readonly #reception: Reception;
  readonly #sentAway: SentAway;
  #settle!: () => void;
  #unguard: (() => void) | undefined;

  constructor(server: AttachableServer, owner: ServerOwner) {
    const { connections } = this;
    this.server = server;
    this.#owner = owner;
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.listener = new Listener(server, owner.listens, {
      fence: owner.fence,
      came: () => owner.came(this),
      listening: () => this.visits.restart(),
      went: () => {
        owner.went();
        this.#noteGone();
      },
      closed: () => this.#noteGone(),
    });
    this.#protocols = createProtocols(server, connections, owner, (connection, inFlight) =>
      this.#reception.ended(connection, inFlight),
    );
    this.#sentAway = new SentAway(server, connections);
    const { listener } = this;
    const protocols = this.#protocols;
    const came = (): void => this.#sentAway.came();
    const went = (): void => this.#noteGone();
    const received = { server, connections, listener, protocols, came, went };
    this.#reception = new Reception(received, owner);
    this.#unguard = guard(server, {
      fence: owner.fence,
      clients: this.#reception,
      listener,
      others: {
        toldToListen: () => owner.toldToListen(),
        beforeClose: () => owner.beforeClose(),
        close: () => owner.foreignClose(),
        cut: () => foreignCut(connections, owner),
      },
      isAmbient: owner.currentSignal,
      isRefusing: () => listener.isStopping && !owner.isGivenBack(),
      settled: this.settled,
    });
    if (!isListening(server)) return;
    const adopt = (): void => this.#reception.adopt();
    owner.fence.askNode("connections before attach", adopt, undefined);
  }

  get visits(): Visits {
    return this.#reception.visits;
  }

  get accepted(): number {
    return this.#reception.accepted;
  }

  /** What stands in the report. */
  get counted(): Counted {
    const { accepted, begun } = this.#reception;
    const { http1, longLived, stalls, takenOver } = this.#protocols;
    return {
      accepted,
      begun,
      refused: http1.refused,
      letGo: longLived.letGoCount,
      idleClosed: stalls.idleClosed,
      upgradedEnded: takenOver.ended,
    };
  }

  /** Outside a drain the service has nothing here any more; in one, the drain. */
  #noteGone(): void {
    // Node's `close` event comes a turn before the last socket's own: a destroyed one counts till then.
    if (this.connections.size > 0) return;
    if (this.listener.isStopping) {
      // Node's own event waits for the sockets too that other processes have.
      const isSentAway = this.#sentAway.isUsed && !this.listener.isListening;
      if (this.listener.isClosed || isSentAway) this.#settle();
    } else if (this.listener.isOut) {
      this.#protocols.stalls.rest();
      this.#owner.gone(this);
    }
  }

  // The steps of a drain, in their order.

  /**
   * From now on every response of HTTP/1 says close, and sessions of HTTP/2 are told until `lameDuckMin`,
   * before any evidence can close the listener.
   */
  begin(lameDuckMin: number): void {
    const { fence } = this.#owner;
    const { http1, http2, stalls } = this.#protocols;
    this.listener.isStopping = true;
    fence.attempt("forget what was sent away", () => this.#sentAway.watch());
    const busy = http1.begin();
    this.known = this.#find(busy);
    fence.attempt("spread goodbyes", () => http2.spreadGoodbyes(lameDuckMin));
    fence.attempt("watch for stalls", () => stalls.begin());
    // A listen() that still looks up its host would bind after the drain (nodejs/node#51929).
    if (!this.listener.isListening) this.listener.close();
  }

  /** Follows what is in flight, and tells what of it is long-lived, in as many turns as that needs. */
  async #find(busy: readonly Connection[]): Promise<void> {
    const begunAt = now();
    const sessions = [...this.connections].filter(({ session }) => session !== undefined);
    let count = 0;
    for (const { inFlight } of [...sessions, ...busy]) {
      for (const item of [...inFlight]) {
        this.#owner.fence.attempt("find long-lived requests", () => {
          // Those that have begun since are known already.
          if (item.startedAt < begunAt) this.#protocols.longLived.add(item, headOf(item));
        });
        if (++count % MOST_PER_TURN === 0) await nextCheckPhase();
      }
    }
  }

  /** Closes the listener; sessions of HTTP/2 that had no quiet moment are told now. */
  stopAccepting(): void {
    const { fence } = this.#owner;
    const { http1, http2, stalls } = this.#protocols;
    fence.attempt("let silent connections go", () => stalls.listenerClosed());
    fence.attempt("tell sessions", () => http2.listenerClosed());
    if (this.listener.isListening) this.listener.close();
    http1.closeSpare();
    fence.attempt("watch what was sent away", () => this.#sentAway.watch());
    this.#noteGone();
  }

  /** Registers how those are let go that were taken over, where the application has not. */
  async sayGoodbyes(goodbyes: Goodbyes): Promise<void> {
    await this.#protocols.longLived.letGo(goodbyes);
    await this.#protocols.takenOver.letGo(goodbyes);
  }

  /** No silent connection is closed before `instant`. */
  keepIdle(instant: number): void {
    this.#protocols.stalls.keepIdle(instant);
  }

  /** Lets silent connections go without the usual wait: no client is left to send on them. */
  hurry(): void {
    const { fence } = this.#owner;
    const { http2, stalls, takenOver } = this.#protocols;
    takenOver.hurry();
    fence.attempt("hurry silent connections", () => stalls.hurry());
    fence.attempt("hurry sessions", () => http2.hurry());
  }

  /** Destroys every connection; returns how many there were that were not answered to the end. */
  cut(): number {
    const { http1, http2 } = this.#protocols;
    const count = this.connections.size - http1.spare - http2.over;
    for (const connection of [...this.connections]) {
      this.#owner.fence.attempt("cut a connection", () => cut(connection));
    }
    return count;
  }

  /** The drain has begun after it was let go: it binds nothing any more. */
  refuse(): void {
    this.listener.isStopping = true;
  }

  /** Takes everything back. */
  release(): void {
    const { fence } = this.#owner;
    const { http1, stalls, takenOver } = this.#protocols;
    stalls.stop();
    this.#sentAway.stop();
    const takeBack = (): void => {
      this.#unguard?.();
      http1.release();
    };
    fence.ask("methods of a server", takeBack, undefined);
    this.#unguard = undefined;
    fence.attempt("release sockets", () => takenOver.release());
    for (const connection of this.connections) {
      fence.attempt("release a connection", () => connection.release());
    }
    this.connections.clear();
  }
}

/** Node's own call reaches no session of HTTP/2. */
function foreignCut(connections: Iterable<Connection>, owner: ServerOwner): void {
  const open = [...connections].filter(({ session, upgraded }) => !session && !upgraded);
  if (open.length > 0) owner.foreignCut(open.filter(({ isQuiet }) => !isQuiet).length);
}
