/**
 * Kafka through `kafkajs`: consumers that stop fetching when the drain begins and commit the batch in hand,
 * producers whose messages are waited for.
 *
 * @module
 */
import type {
  Consumer,
  ConsumerRunConfig,
  EachBatchPayload,
  EachMessagePayload,
  Producer,
} from "kafkajs";

import type { Service, TaskContext, TaskOptions } from "../index.js";
import { ignore, whenAborted } from "./statement.js";

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

/** Options of {@link consume}. */
export interface ConsumeOptions extends Pick<TaskOptions, "onFailure"> {
  /** Name of the task and of the hook. Default: `"kafka consumer"`. */
  name?: string;
}

/**
 * Runs a consumer that is connected and subscribed. When the drain begins it stops fetching, finishes the
 * message in hand, commits, and leaves its group, so that the other members take over at once. It is
 * disconnected by a hook, after the last response.
 *
 * A consumer that kafkajs has given up, which it does without a word to `run()`, is a task that failed.
 *
 * @throws {LastcallError} as {@link Service.task} and {@link Service.hook} do.
 */
export async function consume(
  service: Pick<Service, "task" | "hook">,
  consumer: Consumer,
  { eachMessage, eachBatch, ...config }: ConsumeConfig,
  { name = "kafka consumer", onFailure = "report" }: ConsumeOptions = {},
): Promise<void> {
  const giveUp = new AbortController();
  const { signal } = giveUp;
  service.hook(name, () => consumer.disconnect());
  const crashed = whenCrashed(consumer);
  await consumer.run({
    ...config,
    ...(eachMessage && { eachMessage: (payload) => eachMessage({ ...payload, signal }) }),
    ...(eachBatch && { eachBatch: (payload) => eachBatch({ ...payload, signal }) }),
  });
  const work = async (task: TaskContext): Promise<void> => {
    task.signal.addEventListener("abort", () => giveUp.abort(task.signal.reason), { once: true });
    await Promise.race([whenAborted(task.stopping), crashed]);
    await consumer.stop();
  };
  service.task(name, work, { onFailure });
}

/** Rejects when kafkajs gives the consumer up; never resolves. */
function whenCrashed(consumer: Consumer): Promise<never> {
  const crashed = new Promise<never>((_resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (!restart) reject(error);
    });
  });
  // It may happen before anything waits for it.
  crashed.catch(ignore);
  return crashed;
}

/** Options of {@link produce}. */
export interface ProduceOptions {
  /** Name of the hook, and of the messages in the report. Default: `"kafka producer"`. */
  name?: string;
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
  { name = "kafka producer" }: ProduceOptions = {},
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
