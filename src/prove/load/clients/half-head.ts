import { encodeRequest } from "../../request/request.js";
import type { Position } from "../position.js";
import type { Run } from "../run.js";

// Enough for a request line and the beginning of a field, not for a whole head.
const PART = 24;

/**
 * A request whose head is half sent when the signal comes. Those with an even index complete it
 * while the balancer still routes. The others never do: nothing is dropped with them, but a service
 * without a time-out of its own is kept open by them.
 */
export async function runHalfHead(run: Run, position: Position, index: number): Promise<void> {
  const isCompleted = index % 2 === 0;
  await (isCompleted ? complete(run, position, index) : abandon(run, position));
}

async function complete(run: Run, position: Position, index: number): Promise<void> {
  const random = run.random(`half-head ${String(position.target.generation)} ${String(index)}`);
  const connection = run.connect("half-head", position.target);
  const template = run.nextRequest();
  const request = connection.plan(template);
  const exchange = await connection.begin(request);
  position.reached();
  if (exchange === undefined) return;
  const { authority } = position.target.address;
  const bytes = encodeRequest(template, { id: request.id, authority, close: false });
  connection.write(exchange, bytes.subarray(0, PART));
  connection.markAs("half-sent head");
  await run.lateInstant(connection, random);
  connection.write(exchange, bytes.subarray(PART));
  exchange.isWritten = true;
  if (await exchange.answered) await run.keep(connection);
}

async function abandon(run: Run, position: Position): Promise<void> {
  const connection = run.connect("half-head", position.target);
  await connection.opened();
  const { authority } = position.target.address;
  const bytes = encodeRequest(run.nextRequest(), { id: "never", authority, close: false });
  if (connection.isOpen) connection.writeLoose(bytes.subarray(0, PART));
  position.reached();
  await run.keep(connection);
}
