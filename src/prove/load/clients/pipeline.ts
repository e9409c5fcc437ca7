import type { Position } from "../position.js";
import type { Run } from "../run.js";

const DEPTH = 3;

/**
 * Several requests written at once on one connection, in flight when the signal comes. The service
 * has them all by then: an answer that says close before the last one loses those behind it, which
 * may have been executed (RFC 9112 §9.6).
 */
export async function runPipeline(run: Run, position: Position): Promise<void> {
  const connection = run.connect("pipeline", position.target);
  const { pipelined } = run.plan;
  const planned = Array.from({ length: DEPTH }, () => connection.plan(run.nextOf(pipelined)));
  const answers = planned.map((request) =>
    connection.send(request, run.encode(connection, request)),
  );
  await connection.opened();
  position.reached();
  const reusable = await Promise.all(answers);
  if (reusable.at(-1) === true) await run.keep(connection);
}
