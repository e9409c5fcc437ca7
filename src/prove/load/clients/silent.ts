import type { Position } from "../position.js";
import type { Run } from "../run.js";

/**
 * A connection without a byte when the signal comes, as a browser makes ahead of need. Those with
 * an even index send a request while the balancer still routes; the others never do.
 */
export async function runSilent(run: Run, position: Position, index: number): Promise<void> {
  const random = run.random(`silent ${String(position.target.generation)} ${String(index)}`);
  const connection = run.connect("silent", position.target);
  await connection.opened();
  position.reached();
  if (index % 2 === 0) {
    const request = connection.plan(run.nextRequest());
    const isTime = await run.lateInstant(connection, random);
    await run.sendOrEnd(connection, request, isTime);
  }
  await run.keep(connection);
}
