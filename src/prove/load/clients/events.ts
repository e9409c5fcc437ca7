import { setTimeout as sleep } from "node:timers/promises";
import { EventStream } from "../http1/event-stream.js";
import type { Target } from "../protocol.js";
import type { Run } from "../run.js";

/**
 * An event stream that stays open: what `EventSource` does. It has to end after a whole event; whether its framing is
 * complete makes no difference to this client. It then connects again, after the `retry:` it was told,
 * while the balancer still routes.
 */
export async function runEvents(run: Run, index: number, onWarm: () => void): Promise<void> {
  const random = run.random(`events ${String(index)}`);
  while (run.canPlan) {
    const target = run.route.pick(random);
    if (target === undefined) return;
    const stream = await read(run, target, onWarm);
    await Promise.race([sleep(stream.retryMs), run.route.closed()]);
  }
}

async function read(run: Run, target: Target, onWarm: () => void): Promise<EventStream> {
  const stream = new EventStream();
  const connection = run.connect("events", target);
  const exchange = await run.begin(connection, run.nextOf(run.plan.events), stream);
  if (exchange !== undefined) {
    const fields = [
      ["Accept", "text/event-stream"],
      ["Cache-Control", "no-cache"],
    ] as const;
    connection.write(exchange, run.encode(connection, exchange.request, { fields }));
    connection.markAs("event stream");
    exchange.isWritten = true;
    await exchange.begun;
    onWarm();
    await exchange.answered;
  }
  onWarm();
  connection.leave();
  return stream;
}
