import type { ForeignListeners } from "./foreign-listeners.js";

/** Signals that stop nothing, and what each of them sets going. */
export class Reloads {
  readonly #foreign: ForeignListeners;
  readonly #reloads = new Map<NodeJS.Signals, Set<() => void>>();

  constructor(foreign: ForeignListeners) {
    this.#foreign = foreign;
  }

  /** Listens for a signal; returns what stops listening. */
  on(signal: NodeJS.Signals, reload: () => void): () => void {
    const known = this.#reloads.get(signal) ?? new Set();
    if (known.size === 0) process.on(signal, this.#onReload);
    this.#foreign.own(this.#onReload);
    this.#reloads.set(signal, known);
    known.add(reload);
    return () => {
      known.delete(reload);
      if (known.size === 0) process.off(signal, this.#onReload);
    };
  }

  readonly #onReload = (signal: NodeJS.Signals): void => {
    for (const reload of [...(this.#reloads.get(signal) ?? [])]) reload();
  };
}
