import type { Run } from "../run.js";

/** A balancer without keep-alive: a new connection for every request, until it has noticed. */
export async function runFresh(run: Run, index: number, onWarm: () => void): Promise<void> {
  const random = run.random(`fresh ${String(index)}`);
  await run.getOutOfStep(random);
  while (run.canPlan) {
    const target = run.route.pick(random);
    if (target === undefined) return;
    const connection = run.connect("fresh", target);
    await run.request(connection, run.nextRequest());
    onWarm();
    connection.leave();
    await run.think(random);
  }
}
