import { ServerResponse } from "node:http";
import { Socket } from "node:net";

import type { TimeoutError } from "../../errors.js";
import type { Fence } from "../../fence.js";
import { tear } from "../connection/tear.js";
import { rawSocket, sentBytes } from "../node-internals.js";
import type { Closable, Goodbye, Turn } from "./goodbye.js";

/** A connection whose owner has said goodbye, and whose end is waited for. */
export class Peer {
  /** The socket whose bytes show whether anything moves, where it is known. */
  readonly raw: Socket | undefined;
  readonly #closable: Closable;
  readonly #fence: Fence;
  /** Made when it is first asked for. */
  #over: AbortController | undefined;
  /** Why it is waited for no longer. */
  #ended: TimeoutError | undefined;
  #isSaid = false;

  constructor(closable: Closable, fence: Fence) {
    this.#closable = closable;
    this.#fence = fence;
    this.raw = fence.ask("socket of a goodbye", () => socketOf(closable), undefined);
  }

  /** Lets its owner say goodbye; rejects as that does. `isCurrent`: false once the owner has another one. */
  async tell(
    say: Goodbye<Turn>,
    { reason, isCurrent }: { reason: string; isCurrent: () => boolean },
  ): Promise<void> {
    const signal = (): AbortSignal => this.#signal;
    const isOver = (): boolean => this.#ended !== undefined;
    try {
      await say({
        reason,
        get signal() {
          return signal();
        },
        get isOver() {
          return isOver();
        },
        get isCurrent() {
          return isCurrent();
        },
      });
    } finally {
      this.#isSaid = true;
    }
  }

  get #signal(): AbortSignal {
    const over = (this.#over ??= new AbortController());
    if (this.#ended !== undefined) over.abort(this.#ended);
    return over.signal;
  }

  /** Once the goodbye is said only what goes out counts: a peer that talks on must not hold the drain. */
  get position(): number {
    if (this.raw === undefined) return 0;
    return sentBytes(this.raw) + (this.#isSaid ? 0 : this.raw.bytesRead);
  }

  /** Waits no longer: destroys it. */
  giveUp(why: TimeoutError): void {
    this.#ended ??= why;
    this.#over?.abort(this.#ended);
    this.#fence.ask("end of a goodbye", () => tear(this.#closable), undefined);
  }
}

function socketOf(closable: Closable): Socket | undefined {
  const socket = closable instanceof ServerResponse ? closable.socket : closable;
  return socket instanceof Socket ? rawSocket(socket) : undefined;
}
