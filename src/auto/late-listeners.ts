import { msSince, now, until } from "../clock.js";
import { toError } from "../errors.js";
import { tellUncaught, tellUnhandled } from "../process/exit/uncaught.js";
import type { HeldListener } from "../process/signals/held-listeners.js";
import type { Assembled } from "../service/assemble.js";

/** How much of the closing window what a listener has begun may take, before it is taken for done. */
const SHARE = 0.9;

/** How often to look whether anything is left, in ms. */
const LOOK = 20;

/**
 * The program's listeners of a signal, as hooks of the closing window: the requests are over then, and what they close or
 * end hurts no client. They are begun together, in their order, as the signal would have called them.
 */
export class LateListeners {
  readonly #of: Assembled;
  /** Those that have been begun and have not ended, and since when. */
  readonly #running = new Map<string, number>();
  readonly #raised = new AbortController();
  #hasBegun = false;

  constructor(service: Assembled) {
    this.#of = service;
  }

  /** Whether they have been begun. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  add(signal: NodeJS.Signals, listeners: readonly HeldListener[]): void {
    const { hooks, journal } = this.#of;
    const names = new Map<string, number>();
    for (const { name, run } of listeners) {
      const count = (names.get(name) ?? 0) + 1;
      names.set(name, count);
      const hook = `${signal} listener ${name}${count === 1 ? "" : ` (${count})`}`;
      try {
        hooks.add(hook, () => this.#run(hook, run), { after: [] });
      } catch (thrown) {
        // There is no closing window, or it has begun.
        const why = toError(thrown).message;
        journal.warn("foreign-signal-listener", `${hook} was held back, and is not called: ${why}`);
      }
    }
  }

  async #run(hook: string, run: () => unknown): Promise<void> {
    const startedAt = now();
    this.#hasBegun = true;
    this.#running.set(hook, startedAt);
    try {
      await call(run);
      await this.#settle(startedAt);
    } finally {
      this.#running.delete(hook);
    }
  }

  /**
   * What a listener has begun tells nothing of its end: it ends the process, raises its signal again, or leaves nothing
   * alive. Where something else lives on, a pool that it does not close, that is waited for in vain.
   */
  async #settle(startedAt: number): Promise<void> {
    const { stop, work } = this.#of;
    const latest = startedAt + stop.budget.closingMs * SHARE;
    while (now() < latest && !this.#raised.signal.aborted) {
      if (work.untracked.list().length === 0) return;
      await until(Math.min(latest, now() + LOOK), this.#raised.signal);
    }
  }

  /** The program has raised a signal: it believes that it is done. */
  raised(): void {
    if (this.#hasBegun) this.#raised.abort();
  }

  /** One of them ends the process: that is the end of those that run. */
  conclude(): void {
    for (const [name, startedAt] of this.#running) {
      this.#of.journal.tell("hook-end", {
        name,
        kind: "closing",
        result: "done",
        durationMs: msSince(startedAt),
      });
    }
    this.#running.clear();
  }
}

async function call(run: () => unknown): Promise<void> {
  let begun: unknown;
  try {
    begun = run();
  } catch (thrown) {
    tellUncaught(thrown);
    throw thrown;
  }
  try {
    await begun;
  } catch (thrown) {
    tellUnhandled(thrown, begun);
    throw thrown;
  }
}
