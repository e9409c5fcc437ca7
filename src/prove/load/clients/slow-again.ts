import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../run.js";

const SPREAD_MS = 1_000;

/**
 * Slow requests one after the other, on a connection that is kept: where no signal comes, some of
 * them are being answered at any time.
 */
export async function runSlowAgain(run: Run, index: number, onWarm: () => void): Promise<void> {
  const random = run.random(`slow ${String(index)}`);
  // The first of them is not waited for.
  onWarm();
  // In step they would all be between two requests at some instants, and none of them at others.
  await Promise.race([sleep(random() * SPREAD_MS), run.route.closed()]);
  while (run.canPlan) {
    const target = run.route.pick(random);
    if (target === undefined) return;
    const connection = run.connect("slow", target);
    let isReusable = true;
    while (isReusable && run.canPlan) {
      isReusable = await run.request(connection, run.nextOf(run.plan.slow));
      await run.think(random);
    }
    connection.leave();
  }
}
