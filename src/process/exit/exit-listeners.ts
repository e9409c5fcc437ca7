import type { ForeignListeners } from "../signals/foreign-listeners.js";

/**
 * Puts a mark before each listener of the process' `exit` event that is not lastcall's, so that another thread can tell
 * which of them does not come to its end: they run one after the other, and nothing else runs meanwhile. Returns
 * their names in that order; `mark` is called with the number of the one that begins.
 */
export function markExitListeners(
  foreign: ForeignListeners,
  mark: (index: number) => void,
): string[] {
  const listeners = process.rawListeners("exit") as ((code: number) => void)[];
  const others = new Set<unknown>(foreign.of("exit"));
  const names: string[] = [];
  process.removeAllListeners("exit");
  for (const listener of listeners) {
    const original = (listener as { listener?: typeof listener }).listener ?? listener;
    if (others.has(original)) {
      const index = names.push(foreign.name(original)) - 1;
      process.on("exit", () => mark(index));
    }
    process.on("exit", listener);
  }
  return names;
}
