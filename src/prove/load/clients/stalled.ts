import type { Position } from "../position.js";
import type { Run } from "../run.js";

/**
 * A client that stops reading in the middle of a long answer, before the signal. Those with an even
 * index read on within the lag, and must get all of it. The others never do: nothing is dropped
 * with them, but a service without a send time-out is kept open by them.
 */
export async function runStalled(run: Run, position: Position, index: number): Promise<void> {
  const random = run.random(`stalled ${String(position.target.generation)} ${String(index)}`);
  const isPause = index % 2 === 0;
  const connection = run.connect("stalled", position.target);
  const template = run.nextOf(run.plan.stalled);
  // That an abandoned answer never arrives is its client's own doing: it is in no ledger.
  const request = isPause ? connection.plan(template) : run.recorder.unlisted(template);
  connection.stopReading();
  const exchange = await connection.begin(request);
  if (exchange === undefined) return;
  connection.write(exchange, run.encode(connection, request));
  exchange.isWritten = true;
  await exchange.begun;
  connection.markAs("stalled reader");
  position.reached();
  if (isPause) {
    await run.lateInstant(connection, random);
    connection.readAgain();
    if (await exchange.answered) await run.keep(connection);
  } else {
    // It sees no reset while it does not read.
    await Promise.race([connection.closed(), run.finishing()]);
    connection.leave();
  }
}
