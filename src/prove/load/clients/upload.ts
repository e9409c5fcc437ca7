import { encodeRequest, type RequestTemplate } from "../../request.js";
import type { Position } from "../position.js";
import type { Run } from "../run.js";

const CHUNKS = 40;
const CHUNK = Buffer.alloc(16_384, "lastcall ");

/** An upload begun before the signal whose last byte is sent after it. */
export async function runUpload(
  run: Run,
  position: Position,
  template: RequestTemplate | undefined,
): Promise<void> {
  if (template === undefined) return;
  const connection = run.connect("upload", position.target);
  const request = connection.plan(template);
  const exchange = await connection.begin(request);
  position.reached();
  if (exchange === undefined) return;
  const uploadBytes = CHUNKS * CHUNK.length;
  const { port } = position.target;
  connection.write(
    exchange,
    encodeRequest(template, { id: request.id, port, close: false, uploadBytes }),
  );
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
