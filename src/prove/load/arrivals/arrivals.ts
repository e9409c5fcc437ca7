// arrivals/: the open loop: when requests are due, and the connections that carry them.
import type { Random } from "../../machine/random.js";
import type { RatePlan } from "../../options/rate.js";
import type { RequestTemplate } from "../../request/request.js";
import { Turns } from "../turns.js";

/** A request of the open loop: it is due whatever the service does meanwhile. */
export interface Arrival {
  /** From 1, in the order of the instants. */
  readonly number: number;
  /** From the first instant of the load. */
  readonly offsetMs: number;
  readonly template: RequestTemplate;
}

/**
 * The endless schedule of an open loop. It depends on the plan and the random numbers alone, so a
 * seed repeats it: each instant, each request, each number.
 *
 * `poisson` has independent arrivals, as many users make; `even` has equal gaps, whose first is
 * random so that the schedule has no fixed place against the service's own timers.
 */
export function* planArrivals(
  { perSecond, spacing }: RatePlan,
  requests: readonly RequestTemplate[],
  random: Random,
): Generator<Arrival, never> {
  const turns = new Turns();
  const gapMs = 1_000 / perSecond;
  let offsetMs = 0;
  for (let number = 1; ; number += 1) {
    if (spacing === "poisson") offsetMs -= Math.log(1 - random()) * gapMs;
    else offsetMs = number === 1 ? random() * gapMs : offsetMs + gapMs;
    yield { number, offsetMs, template: turns.next(requests) };
  }
}
