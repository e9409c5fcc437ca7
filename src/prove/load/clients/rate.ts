import { setTimeout as sleep } from "node:timers/promises";
import { now } from "../../machine/now.js";
import type { RatePlan } from "../../options/rate.js";
import { ArrivalPool } from "../arrivals/arrival-pool.js";
import { planArrivals } from "../arrivals/arrivals.js";
import type { Run } from "../run.js";

// Within which the end of the route is noticed when little is due.
const LOOK_MS = 100;

/**
 * The open loop: requests are sent when they are due, whatever the service does, while the balancer
 * routes here. A service that stands still meets the same arrivals as one that does not, so no
 * outage is hidden by clients that wait for it (coordinated omission).
 */
export async function runRate(run: Run, rate: RatePlan, onWarm: () => void): Promise<void> {
  const pool = new ArrivalPool(run, run.random("rate route"), onWarm);
  const beganAt = now();
  for (const arrival of planArrivals(rate, run.plan.requests, run.random("rate"))) {
    const dueAt = beganAt + arrival.offsetMs;
    if (!(await isDue(run, dueAt))) break;
    run.noteLateness(now() - dueAt);
    pool.take({ ...arrival, dueAt });
  }
  await pool.close();
}

/** Waits for the instant. Returns false when nothing is sent here any more. */
async function isDue(run: Run, at: number): Promise<boolean> {
  while (run.canPlan && run.route.isOpen) {
    const left = at - now();
    if (left <= 0) return true;
    await sleep(Math.min(left, LOOK_MS));
  }
  return false;
}
