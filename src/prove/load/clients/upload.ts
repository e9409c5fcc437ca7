import type { Position } from "../position.js";
import type { Run } from "../run.js";

const CHUNKS = 40;
const CHUNK = Buffer.alloc(16_384, "lastcall ");

/**
 * An upload begun before the signal whose last byte is sent after the lag. It waits with its second
 * part for the signal, which may be longer in coming than the whole upload takes.
 */
export async function runUpload(run: Run, position: Position): Promise<void> {
  const connection = run.connect("upload", position.target);
  const exchange = await run.begin(connection, run.nextOf(run.plan.uploads));
  if (exchange === undefined) return position.reached();
  const uploadBytes = CHUNKS * CHUNK.length;
  connection.write(exchange, run.encode(connection, exchange.request, { uploadBytes }));
  connection.write(exchange, CHUNK);
  connection.markAs("upload in flight");
  position.reached();
  await run.signalOf(connection);
  for (let sent = 1; sent < CHUNKS; sent += 1) {
    await connection.rest(run.plan.uploadMs / (CHUNKS - 1));
    if (!connection.isBusy) break;
    connection.write(exchange, CHUNK);
    connection.markAs("upload in flight");
  }
  exchange.isWritten = true;
  await exchange.answered;
  connection.leave();
}
