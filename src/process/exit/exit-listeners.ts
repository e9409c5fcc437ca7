import type { ForeignListeners } from "../signals/foreign-listeners.js";
import { originalOf } from "../signals/registrations.js";

/**
 * The listeners of the process' `exit` event, which run one after the other while nothing else does. Before each that is not
 * lastcall's there is a mark, by which one that hangs, throws or sets another exit code is named.
 */
export class ExitListeners {
  /** Of those that are not lastcall's, in the order in which they run. */
  readonly names: string[] = [];
  #running: string | undefined;

  /** The one that was begun last; undefined before the first. */
  get running(): string | undefined {
    return this.#running;
  }

  /** `begins`: called with the number of the one that begins. `atEnd`: after the last of them. */
  mark(foreign: ForeignListeners, begins: (index: number) => void, atEnd: () => void): void {
    const listeners = process.rawListeners("exit") as ((code: number) => void)[];
    const others = new Set<unknown>(foreign.of("exit"));
    process.removeAllListeners("exit");
    for (const listener of listeners) {
      const original = originalOf(listener);
      if (others.has(original)) this.#markNext(foreign.name(original), begins);
      process.on("exit", listener);
    }
    process.on("exit", atEnd);
  }

  #markNext(name: string, begins: (index: number) => void): void {
    const index = this.names.push(name) - 1;
    process.on("exit", () => {
      this.#running = name;
      begins(index);
    });
  }
}
