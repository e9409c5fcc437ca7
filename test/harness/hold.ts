import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

import { withResolvers } from "./wire.js";

export interface Held {
  req: IncomingMessage;
  res: ServerResponse;
}

/**
 * An application that answers nothing by itself: the test takes each request when it has arrived, a
 * barrier in itself, and answers it when it wants to.
 */
export class Hold {
  /** Requests that have reached the application so far. */
  count = 0;
  readonly #arrived: Held[] = [];
  readonly #takers: ((held: Held) => void)[] = [];

  readonly app: RequestListener = (req, res) => {
    this.count++;
    const held = { req, res };
    const taker = this.#takers.shift();
    if (taker === undefined) this.#arrived.push(held);
    else taker(held);
  };

  /** The next request, as soon as the application has it. */
  next(): Promise<Held> {
    const held = this.#arrived.shift();
    if (held !== undefined) return Promise.resolve(held);
    const { promise, resolve } = withResolvers<Held>();
    this.#takers.push(resolve);
    return promise;
  }
}
