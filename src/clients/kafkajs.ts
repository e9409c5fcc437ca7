/**
 * Kafka through `kafkajs`: consumers that stop fetching when the drain begins and commit the batch in hand,
 * producers whose messages are waited for.
 *
 * @module
 */
import { once } from "node:events";
import type {
  Consumer,
  ConsumerRunConfig,
  EachBatchPayload,
  EachMessagePayload,
  Producer,
} from "kafkajs";

import type { Service } from "../index.js";

/** What `kafkajs` gives a handler, and the signal at which it is to give up. */
export type WithSignal<P> = P & {
  /** Aborts at the abort instant of the drain. A message that is then given up is delivered again. */
  readonly signal: AbortSignal;
};

/** `consumer.run()`'s configuration, whose handlers are given a signal too. */
export interface ConsumeConfig extends Omit<ConsumerRunConfig, "eachMessage" | "eachBatch"> {
  eachMessage?: (payload: WithSignal<EachMessagePayload>) => Promise<void>;
  eachBatch?: (payload: WithSignal<EachBatchPayload>) => Promise<void>;
}

/** Options of {@link consume} and {@link produce}. */
export interface KafkaOptions {
  /** Name of the task and of the hook. Default: `kafka consumer`, `kafka producer`. */
  name?: string;
}

/**
 * Runs a consumer that is connected and subscribed. When the drain begins it stops fetching, finishes the
 * message in hand, commits, and leaves its group, so that the other members take over at once. It is
 * disconnected by a hook, after the last response.
 *
 * @throws {LastcallError} as {@link Service.task} and {@link Service.hook} do.
 */
export async function consume(
  service: Pick<Service, "task" | "hook" | "stopping">,
  consumer: Consumer,
  { eachMessage, eachBatch, ...config }: ConsumeConfig,
  { name = "kafka consumer" }: KafkaOptions = {},
): Promise<void> {
  const giveUp = new AbortController();
  const { signal } = giveUp;
  service.hook(name, () => consumer.disconnect());
  await consumer.run({
    ...config,
    ...(eachMessage && { eachMessage: (payload) => eachMessage({ ...payload, signal }) }),
    ...(eachBatch && { eachBatch: (payload) => eachBatch({ ...payload, signal }) }),
  });
  service.task(name, async (task) => {
    task.signal.addEventListener("abort", () => giveUp.abort(task.signal.reason), { once: true });
    if (!task.stopping.aborted) await once(task.stopping, "abort");
    await consumer.stop();
  });
}

/** A producer whose messages the drain waits for. */
export type TrackedProducer = Pick<Producer, "send" | "sendBatch">;

/**
 * Takes a connected producer into care: the drain waits for every message that is being sent, those too
 * that no handler waits for, and then disconnects it, by a hook. `disconnect()` alone drops them.
 *
 * @throws {LastcallError} as {@link Service.hook} does.
 */
export function produce(
  service: Pick<Service, "waitUntil" | "hook">,
  producer: Producer,
  { name = "kafka producer" }: KafkaOptions = {},
): TrackedProducer {
  service.hook(name, () => producer.disconnect());
  const track = <T>(sending: Promise<T>): Promise<T> => {
    service.waitUntil(sending, name);
    return sending;
  };
  return {
    send: (record) => track(producer.send(record)),
    sendBatch: (batch) => track(producer.sendBatch(batch)),
  };
}
