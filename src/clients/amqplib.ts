/**
 * RabbitMQ through `amqplib`: consumers that are cancelled when the drain begins and acknowledge what they have
 * in hand, channels that are closed when their messages are confirmed.
 *
 * @module
 */
import type { Channel, ConfirmChannel, ConsumeMessage, Options } from "amqplib";

import { LastcallError } from "../errors.js";
import type { Service, TaskContext, TaskOptions } from "../index.js";
import { whenAborted } from "./statement.js";

/** Options of {@link consume}: those of `channel.consume()` too. */
export interface ConsumeOptions
  extends Omit<Options.Consume, "noAck">, Pick<TaskOptions, "onFailure"> {
  /** Name of the task and of the hook. Default: `amqp consumer`, with the queue's name. */
  name?: string;
}

/** Handles one message. Its signal aborts at the abort instant of the drain. */
export type MessageHandler = (
  message: ConsumeMessage,
  context: { readonly signal: AbortSignal },
) => Promise<void>;

/**
 * Consumes a queue. A message is acknowledged when its handler has resolved; when it rejects, it goes back to
 * the queue the first time, and is dead-lettered or dropped the second, so that no message goes round for
 * ever. When the drain begins the consumer is cancelled, what it has in hand (the channel's `prefetch`) is
 * finished and acknowledged, and the channel is closed by a hook: nothing is delivered again.
 *
 * A consumer that the broker cancels is a task that failed.
 *
 * @throws {LastcallError} as {@link Service.task} and {@link Service.hook} do.
 */
export async function consume(
  service: Pick<Service, "task" | "hook">,
  channel: Channel,
  queue: string,
  handle: MessageHandler,
  { name = `amqp consumer ${queue}`, onFailure = "report", ...options }: ConsumeOptions = {},
): Promise<void> {
  const giveUp = new AbortController();
  const inHand = new Set<Promise<void>>();
  let isGivenUp = false;
  const take = async (message: ConsumeMessage): Promise<void> => {
    try {
      await handle(message, { signal: giveUp.signal });
      channel.ack(message);
    } catch {
      isGivenUp ||= giveUp.signal.aborted;
      channel.nack(message, false, giveUp.signal.aborted || !message.fields.redelivered);
    }
  };
  let cancelled!: () => void;
  const cancelledByBroker = new Promise<void>((resolve) => {
    cancelled = resolve;
  });
  service.hook(name, () => channel.close());
  const { consumerTag } = await channel.consume(
    queue,
    (message) => {
      if (message === null) return cancelled();
      const taken = take(message).finally(() => inHand.delete(taken));
      inHand.add(taken);
    },
    options,
  );
  const work = async ({ stopping, signal }: TaskContext): Promise<void> => {
    signal.addEventListener("abort", () => giveUp.abort(signal.reason), { once: true });
    await Promise.race([whenAborted(stopping), cancelledByBroker]);
    if (!stopping.aborted) throw consumerCancelled(queue);
    await channel.cancel(consumerTag);
    await Promise.all(inHand);
    if (isGivenUp) throw signal.reason;
  };
  service.task(name, work, { onFailure });
}

/**
 * Closes a channel of confirmed messages when the service closes: after the last response, and when the broker
 * has confirmed every message.
 *
 * @throws {LastcallError} as {@link Service.hook} does.
 */
export function confirmBeforeClose(
  service: Pick<Service, "hook">,
  channel: ConfirmChannel,
  { name = "amqp producer" }: { name?: string } = {},
): void {
  service.hook(name, async () => {
    await channel.waitForConfirms();
    await channel.close();
  });
}

function consumerCancelled(queue: string): LastcallError {
  return new LastcallError(
    "ERR_LASTCALL_CONSUMER_CANCELLED",
    `The broker cancelled the consumer of \`${queue}\`: the queue was deleted, or has moved`,
  );
}
