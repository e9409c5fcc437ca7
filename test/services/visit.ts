import net from "node:net";
import type { TestContext } from "node:test";

import { serve } from "../harness/serve.js";
import { withResolvers } from "../harness/wire.js";

/** A client that waits for an answer, and what its request's handler came to. */
export interface Visit {
  leave(): void;
  readonly outcome: Promise<unknown>;
}

/** Visits a service with the current signal, whose handler does nothing but what the test wants. */
export async function visit(t: TestContext, handle: () => Promise<unknown>): Promise<Visit> {
  const { promise: outcome, resolve } = withResolvers<unknown>();
  const { target } = await serve(t, () => void handle().then(resolve, resolve), {
    currentSignal: true,
  });
  const client = net.connect(target.port as number, "127.0.0.1");
  t.after(() => client.destroy());
  client.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  return { leave: () => client.destroy(), outcome };
}
