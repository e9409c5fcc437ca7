import type { Position } from "../position.js";
import type { Run } from "../run.js";

const CHUNKS = 40;
const CHUNK = Buffer.alloc(16_384, "lastcall ");

/** An upload begun before the signal whose last byte is sent after it. */
export async function runUpload(run: Run, position: Position): Promise<void> {
  const connection = run.connect("upload", position.target);
  const exchange = await run.begin(connection, run.nextOf(run.plan.uploads));
  position.reached();
  if (exchange === undefined) return;
  const uploadBytes = CHUNKS * CHUNK.length;
  connection.write(exchange, run.encode(connection, exchange.request, { uploadBytes }));
  connection.markAs("upload in flight");
  for (let sent = 0; sent < CHUNKS && connection.isBusy; sent += 1) {
    connection.write(exchange, CHUNK);
    connection.markAs("upload in flight");
    if (sent < CHUNKS - 1) await connection.rest(run.plan.uploadMs / (CHUNKS - 1));
  }
  exchange.isWritten = true;
  await exchange.answered;
  connection.leave();
}
