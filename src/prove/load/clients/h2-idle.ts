import type { Position } from "../position.js";
import type { Run } from "../run.js";

/**
 * An HTTP/2 session without a stream when the signal comes. Those with an even index send one more
 * request while the balancer still routes, unless they were told to go; the others never do.
 */
export async function runH2Idle(run: Run, position: Position, index: number): Promise<void> {
  const { h2 } = run.plan;
  const random = run.random(`h2-idle ${String(position.target.generation)} ${String(index)}`);
  const session = run.connectH2("h2-idle", position.target);
  await session.send(session.plan(run.nextOf(h2)));
  position.reached();
  if (session.isUsable && index % 2 === 0) {
    const isTime = await run.lateInstant(session, random);
    const request = session.plan(run.nextOf(h2));
    if (isTime || !session.isUsable) await session.send(request);
    else request.end({ outcome: "unsent", kind: "ended" });
  }
  await run.keep(session);
}
