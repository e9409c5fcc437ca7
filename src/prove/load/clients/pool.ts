import type { Connection } from "../connection.js";
import type { Random } from "../../random.js";
import type { Run } from "../run.js";

/**
 * One member of a keep-alive pool, in a closed loop: answer, think, next request. Nothing is
 * retried. When the connection goes it makes another one while the balancer still routes.
 */
export async function runPool(run: Run, index: number, onWarm: () => void): Promise<void> {
  const random = run.random(`pool ${String(index)}`);
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
    if (connection.isReused) onWarm();
  }
  connection.leave();
}
