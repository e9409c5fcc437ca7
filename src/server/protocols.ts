import type { Fence } from "../fence.js";
import type { Timeouts } from "../options/settings.js";
import type { StallReport } from "../report.js";
import type { AttachableServer } from "./attachable.js";
import type { Connection } from "./connection/connection.js";
import type { InFlight } from "./connection/in-flight.js";
import { Http1 } from "./http1/http1.js";
import { Http2 } from "./http2/http2.js";
import { LongLived, type IsLongLived } from "./long-lived/long-lived.js";
import { Stalls } from "./stalls/stalls.js";
import { TakenOver } from "./upgraded/taken-over.js";

/** What the protocols of a server need of its service, and tell it. */
export interface ProtocolsOwner {
  readonly fence: Fence;
  readonly timeouts: Timeouts;
  /** How long silent connections may take to leave after the listener closed, in milliseconds. */
  readonly closeSpread: number;
  /** What the application says of a request. */
  readonly isLongLived: IsLongLived | undefined;
  /** Whether event streams that the application does not end are ended, and not torn. */
  readonly endsEventStreams: boolean;
  stalled(stall: StallReport): void;
}

/** How one server's connections are served, and how they leave: each protocol by what is in its own folder. */
export interface Protocols {
  readonly http1: Http1;
  readonly http2: Http2;
  readonly takenOver: TakenOver;
  readonly longLived: LongLived;
  readonly stalls: Stalls;
}

/** `ended`: a stream of HTTP/2 is over. */
export function createProtocols(
  server: AttachableServer,
  connections: ReadonlySet<Connection>,
  owner: ProtocolsOwner,
  ended: (connection: Connection, inFlight: InFlight) => void,
): Protocols {
  const { fence, timeouts } = owner;
  const stalls = new Stalls(server, connections, owner);
  const told = (connection: Connection): void => stalls.consider(connection);
  const takenOver = new TakenOver(timeouts, fence);
  return {
    http1: new Http1(server, connections, stalls, fence),
    http2: new Http2(connections, timeouts.idle, { fence, ended, told }),
    takenOver,
    longLived: new LongLived(owner, takenOver),
    stalls,
  };
}
