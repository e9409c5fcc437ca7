import { PROGRAMS } from "./programs.js";
import { startServer, type Scope, type Server } from "./server.js";

export interface Kafka extends Server {
  readonly broker: string;
}

/**
 * A Kafka broker in memory: librdkafka's own mock cluster, inside a kcat that waits for lines to
 * produce and gets none. Topics are made when first asked for, with four partitions.
 */
export async function startKafka(scope: Scope): Promise<Kafka> {
  const server = await startServer(scope, {
    program: PROGRAMS.kafka,
    name: "kcat",
    // A broker must be named, and is not used.
    args: () => ["-P", "-b", "mock:1", "-t", "unused", "-X", "test.mock.num.brokers=1"],
    ready: /replaced with (127\.0\.0\.1:\d+)/,
  });
  return { ...server, broker: server.ready[1] as string };
}
