// clients/: one kind of client a file: what it does before, at and after the signal.
import type { Random } from "../../machine/random.js";
import type { Connection } from "../http1/connection.js";
import type { Run } from "../run.js";

/**
 * One member of a keep-alive pool, in a closed loop: answer, think, next request. Nothing is
 * retried. When the connection goes it makes another one while the balancer still routes.
 */
export async function runPool(run: Run, index: number, onWarm: () => void): Promise<void> {
  const random = run.random(`pool ${String(index)}`);
  await run.getOutOfStep(random);
  while (run.canPlan) {
    const target = run.route.pick(random);
    if (target === undefined) return;
    await use(run, run.connect("pool", target), random, onWarm);
    await run.think(random);
  }
}

async function use(
  run: Run,
  connection: Connection,
  random: Random,
  onWarm: () => void,
): Promise<void> {
  let isReusable = true;
  while (isReusable && run.canPlan) {
    const request = run.nextRequest();
    isReusable = await run.requestAfter(connection, request, random);
    onWarm();
  }
  connection.leave();
}
