import type {
  Http2ServerRequest,
  Http2ServerResponse,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from "node:http2";

import { now } from "../../clock.js";
import type { Fence } from "../../fence.js";
import { connectionOf, type Connection } from "../connection/connection.js";
import type { InFlight } from "../connection/in-flight.js";
import { rawSocket } from "../node-internals.js";
import { Session, sessionOf, spreadGoodbyes } from "./session.js";

/** What {@link Http2} tells its server. */
interface Http2Owner {
  readonly fence: Fence;
  /** A stream is over. */
  ended(connection: Connection, inFlight: InFlight): void;
  /** GOAWAY is sent on a connection. */
  told(connection: Connection): void;
}

/** HTTP/2 on one server: its sessions, and when each is told to leave. */
export class Http2 {
  readonly #connections: ReadonlySet<Connection>;
  readonly #owner: Http2Owner;
  /** How long a client may take from its connect to its first stream, in ms. */
  #firstWait: number;
  #isStopping = false;
  #isListenerClosed = false;

  constructor(connections: ReadonlySet<Connection>, firstWait: number, owner: Http2Owner) {
    this.#connections = connections;
    this.#firstWait = firstWait;
    this.#owner = owner;
  }

  /** A connection speaks it. `isNew`: from its first byte on, so that every stream will be seen. */
  speaks(session: ServerHttp2Session, isNew: boolean): void {
    const connection = connectionOf(rawSocket(session.socket));
    if (connection === undefined || connection.session !== undefined) return;
    connection.upgraded = false;
    connection.session = new Session(
      session,
      {
        fence: this.#owner.fence,
        streamEnded: (inFlight) => {
          if (this.#isStopping) this.#owner.ended(connection, inFlight);
        },
        told: () => this.#owner.told(connection),
      },
      isNew,
    );
    if (this.#isStopping) connection.session.leaveWhenQuiet(now(), this.#firstWait);
    if (this.#isListenerClosed) connection.session.leave(this.#firstWait);
  }

  /** A stream has begun; returns its connection. */
  begin(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    isProbe: boolean,
  ): Connection | undefined {
    const { session } = stream;
    // One that was there before the server was attached shows itself only now.
    if (session !== undefined && sessionOf(stream) === undefined) {
      this.speaks(session as ServerHttp2Session, false);
    }
    sessionOf(stream)?.begin(stream, headers, isProbe);
    return session && connectionOf(rawSocket(session.socket));
  }

  /** The compatibility API made a request of a stream, which has been taken before. */
  named(req: Http2ServerRequest, res: Http2ServerResponse): void {
    sessionOf(req.stream)?.streams.named(req, res);
  }

  get #sessions(): Session[] {
    const sessions = [...this.#connections].map(({ session }) => session);
    return sessions.filter((session) => session !== undefined);
  }

  /** Sessions whose every stream is answered, and whose client is still to close. */
  get over(): number {
    return this.#sessions.filter(({ overSince }) => overSince !== undefined).length;
  }

  /**
   * Tells sessions one after the other until `end`, so that their clients do not all reconnect at once; the
   * quiet ones first, the others at their first quiet moment from then on.
   */
  spreadGoodbyes(end: number): void {
    this.#isStopping = true;
    spreadGoodbyes(this.#sessions, end, this.#firstWait);
  }

  /** Tells those that had no quiet moment. */
  listenerClosed(): void {
    this.#isListenerClosed = true;
    this.#tellAll();
  }

  /** Gives no session the time for a first stream: no client is left to send one. */
  hurry(): void {
    this.#firstWait = 0;
    if (this.#isListenerClosed) this.#tellAll();
  }

  #tellAll(): void {
    const { fence } = this.#owner;
    for (const session of this.#sessions) {
      fence.attempt("tell each session", () => session.leave(this.#firstWait));
    }
  }
}
