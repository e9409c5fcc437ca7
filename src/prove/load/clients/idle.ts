import type { Position } from "../position.js";
import type { Run } from "../run.js";

/**
 * A kept-alive connection that is silent when the signal comes. Those with an even index send one
 * more request while the balancer still routes; the others never do. Closing an idle connection
 * with a request on the wire drops that request (RFC 9112 §9.5).
 */
export async function runIdle(run: Run, position: Position, index: number): Promise<void> {
  const random = run.random(`idle ${String(position.target.generation)} ${String(index)}`);
  const connection = run.connect("idle", position.target);
  const isReusable = await run.request(connection, run.nextRequest());
  position.reached();
  if (isReusable && index % 2 === 0) {
    const request = connection.plan(run.nextRequest());
    const isTime = await run.lateInstant(connection, random);
    await run.sendOrEnd(connection, request, isTime);
  }
  await run.keep(connection);
}
