import type { ServerResponse } from "node:http";
import type { Server, Socket } from "node:net";

import type { Fence } from "../../fence.js";
import type { Timeouts } from "../../options/settings.js";
import type { StallReport } from "../../report.js";
import { describeRequest } from "../../request/route.js";
import type { Connection } from "../connection/connection.js";
import { destroy } from "../connection/cut.js";
import type { InFlight } from "../connection/in-flight.js";
import { remoteOf } from "../connection/remote.js";
import { currentResponse, sentBytes, unsentBytes } from "../node-internals.js";
import { unreadOf } from "../http1/unread.js";
import type { StreamInFlight } from "../http2/streams.js";
import { StillWatch } from "./still-watch.js";
import { Sweeper } from "./sweeper.js";

const REQUEST_TIMEOUT = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";

/** What {@link Stalls} is told and tells. */
interface StallsOwner {
  readonly fence: Fence;
  readonly timeouts: Timeouts;
  /** How long silent connections may take to leave after the listener closed, in milliseconds. */
  readonly closeSpread: number;
  stalled(stall: StallReport): void;
}

/** Closes, on one server, the connections on which nothing moves, and tells why. */
export class Stalls {
  /** Silent connections that the drain closed. */
  idleClosed = 0;
  readonly #owner: StallsOwner;
  readonly #sweeper: Sweeper;
  readonly #sendWatch: StillWatch<Connection>;

  constructor(server: Server, connections: ReadonlySet<Connection>, owner: StallsOwner) {
    this.#owner = owner;
    this.#sweeper = new Sweeper(server, connections, owner, {
      idle: (connection) => this.#closeIdle(connection),
      stalled: (connection, kind) => this.#close(connection, kind),
      stuck: (connection, kind, item) => this.#reset(connection, kind, item),
    });
    this.#sendWatch = new StillWatch<Connection>(
      {
        items: connections,
        isWaiting: ({ raw, upgraded }) => unsentBytes(raw) > 0 && !upgraded,
        position: ({ raw }) => sentBytes(raw),
        raw: (connection) => connection.raw,
        still: (connection) => this.#close(connection, "send"),
      },
      owner.timeouts.sendServing,
      owner.fence,
    );
  }

  /** A connection has come. */
  connected(): void {
    this.#sendWatch.wake();
  }

  /** The last connection has gone. */
  rest(): void {
    this.#sendWatch.rest();
  }

  /** Something has changed on a connection. */
  consider(connection: Connection): void {
    this.#sweeper.consider(connection);
  }

  /** From now on the timeouts of the drain hold. */
  begin(): void {
    this.#sweeper.begin();
    this.#sendWatch.restart(this.#owner.timeouts.send);
  }

  /** From now on silent connections are closed. */
  listenerClosed(): void {
    this.#sweeper.listenerClosed();
  }

  /** No silent connection is closed before `instant`. */
  keepIdle(instant: number): void {
    this.#sweeper.keepIdle(instant);
  }

  /** Lets silent connections go without the usual wait. */
  hurry(): void {
    this.#sweeper.hurry();
  }

  stop(): void {
    this.#sweeper.stop();
    this.#sendWatch.stop();
  }

  #closeIdle(connection: Connection): void {
    this.idleClosed++;
    destroy(connection);
  }

  #close(connection: Connection, kind: StallReport["kind"]): void {
    const { socket } = connection;
    // Outside a drain the exchanges are not followed; Node knows the one that owns the socket.
    const res = connection.exchanges.open[0]?.res ?? (socket && currentResponse(socket));
    const unread = unreadOf(connection);
    // As Node answers its own request timeouts, where there is no answer yet.
    if (kind !== "send" && (res !== undefined || unread === undefined))
      this.#owner.fence.ask("answer to a stall", () => answer(res, socket), false);
    this.#tell(connection, kind, res?.req ?? connection.inFlight[0]?.req ?? unread);
    destroy(connection);
  }

  #reset(connection: Connection, kind: StallReport["kind"], item: StreamInFlight): void {
    this.#tell(connection, kind, item.req);
    connection.session?.streams.reset(item);
  }

  #tell(connection: Connection, kind: StallReport["kind"], req: InFlight["req"] | undefined): void {
    this.#owner.stalled({
      kind,
      remote: remoteOf(connection),
      ...(req && describeRequest(req, this.#owner.fence)),
    });
  }
}

function answer(res: ServerResponse | undefined, socket: Socket | undefined): boolean {
  return res?.headersSent !== true && socket?.write(REQUEST_TIMEOUT) === true;
}
