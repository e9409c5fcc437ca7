import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, Exchange } from "../http1/connection.js";
import type { Position } from "../position.js";
import type { Run } from "../run.js";

const BODY = Buffer.alloc(65_536, "lastcall ");
const HEAD = { uploadBytes: BODY.length, fields: [["Expect", "100-continue"]] } as const;

// RFC 9110 §10.1.1: a client that waits should not wait for ever; curl waits a second.
const PATIENCE_MS = 1_000;

/**
 * A request that asks before it sends its body. Those with an even index have been told to continue
 * when the signal comes, and send their body within the lag. The others ask within the lag.
 */
export async function runExpect(run: Run, position: Position, index: number): Promise<void> {
  const random = run.random(`expect ${String(position.target.generation)} ${String(index)}`);
  const connection = run.connect("expect", position.target);
  const isAsked = index % 2 === 0;
  const exchange = await run.begin(connection, run.nextOf(run.plan.expecting));
  if (exchange === undefined) return;
  const head = run.encode(connection, exchange.request, HEAD);
  if (isAsked) await ask(connection, exchange, head);
  position.reached();
  const isTime = await run.lateInstant(connection, random);
  // Without an instant within the lag nothing new is begun; what was begun is finished.
  if (!isAsked && !isTime) connection.leave();
  if (!isAsked) await ask(connection, exchange, head);
  connection.write(exchange, BODY);
  exchange.isWritten = true;
  if (await exchange.answered) await run.keep(connection);
}

async function ask(connection: Connection, exchange: Exchange, head: Buffer): Promise<void> {
  connection.write(exchange, head);
  await Promise.race([exchange.invited, sleep(PATIENCE_MS, undefined, { ref: false })]);
}
