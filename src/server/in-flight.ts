import type { NamedRequest } from "../request/route.js";

/** A request whose response is not finished, in whichever protocol it came. */
export interface InFlight {
  /** Has its method and route, and carries its signal. */
  readonly req: NamedRequest;
  readonly startedAt: number;
  /** Whether the response got out whole. */
  finished: boolean;
  /** Whether lastcall itself has answered it: a probe is nobody's traffic. */
  isProbe: boolean;
}
