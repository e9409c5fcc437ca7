import { msSince } from "../../clock.js";
import type { Fence } from "../../fence.js";
import type { RequestReport } from "../../report.js";
import { describeRequest, type NamedRequest } from "../../request/route.js";
import { hasSignal } from "../../request/signal.js";

/** What a request is when it begins. */
export function beginning(startedAt: number, isProbe: boolean): Omit<InFlight, "req"> {
  return {
    startedAt,
    finished: false,
    isProbe,
    isLongLived: false,
    isLetGo: false,
    aborted: undefined,
  };
}

/** A request whose response is not finished, in whichever protocol it came. */
export interface InFlight {
  /** Has its method and route, and carries its signal. */
  readonly req: NamedRequest;
  readonly startedAt: number;
  /** Whether the response got out whole. */
  finished: boolean;
  /** Whether lastcall itself answers it: a probe is no traffic. */
  readonly isProbe: boolean;
  /** Whether its answer has no end that could be waited for. Known once the drain has begun. */
  isLongLived: boolean;
  /** Whether the drain tore it in its turn: nothing is lost that was not to be lost. */
  isLetGo: boolean;
  /** What is reported of it, where it was unfinished at the abort instant. */
  aborted: RequestReport | undefined;
}

/** A request is unfinished at the abort instant: makes what is reported of it. */
export function noteAborted(item: InFlight, fence: Fence): RequestReport {
  item.aborted = {
    ...describeRequest(item.req, fence),
    ageMs: msSince(item.startedAt),
    // Whether the handler has the signal is known now; whether it obeys, once the response ends.
    reaction: hasSignal(item.req, fence) ? "ignored abort" : "no signal",
  };
  return item.aborted;
}
