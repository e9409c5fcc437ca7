import type { Position } from "../position.js";
import type { Run } from "../run.js";

/**
 * A request that is being answered when the signal comes. Without a slow endpoint it is an ordinary
 * one, sent at the last moment.
 */
export async function runSlow(run: Run, position: Position): Promise<void> {
  const { slow, requests } = run.plan;
  const connection = run.connect("slow", position.target);
  if (slow.length === 0) {
    await connection.opened();
    position.reached();
    await position.settled;
  }
  const answered = run.request(connection, run.nextOf(slow.length > 0 ? slow : requests));
  await connection.opened();
  position.reached();
  // Its client keeps the connection, as a pool would, and has nothing more to ask.
  if (await answered) await run.keep(connection);
}
