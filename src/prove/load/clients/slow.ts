import type { RequestTemplate } from "../../request.js";
import type { Position } from "../position.js";
import type { Run } from "../run.js";

/** A request that is being answered when the signal comes. */
export async function runSlow(
  run: Run,
  position: Position,
  template: RequestTemplate,
): Promise<void> {
  const connection = run.connect("slow", position.target);
  await connection.opened();
  const answered = run.request(connection, template);
  position.reached();
  // Its client keeps the connection, as a pool would, and has nothing more to ask.
  if (await answered) await connection.closed();
  connection.leave();
}
