import { EventEmitter } from "node:events";
import { writeSync } from "node:fs";

import { ForeignListeners } from "./foreign-listeners.js";
import { intercept } from "./intercept.js";
import { originalOf } from "./registrations.js";

/** What hears of the end of a process without having a part in it. */
export interface Witness {
  /** The first signal has come; `listeners`: the program's own, by name. */
  signalled(signal: NodeJS.Signals, listeners: readonly string[]): void;
  /** The last that can be said; `code`: undefined where a signal ends the process. */
  ended(code: number | undefined): string;
}

/** Sees the signals of a process, and its end, and changes neither. */
export function witness(signals: readonly NodeJS.Signals[], told: Witness): void {
  const foreign = new ForeignListeners(new Set(signals));
  const ignore = (): void => {};
  foreign.own(ignore);
  let isSignalled = false;
  let isSaid = false;
  const say = (code: number | undefined): void => {
    if (isSaid) return;
    isSaid = true;
    try {
      writeSync(2, `${told.ended(code)}\n`);
    } catch {
      // Without stderr there is nowhere to say it.
    }
  };
  intercept({
    signals: new Set(signals),
    isOwn: (listener) => foreign.isOwn(listener),
    take(signal) {
      const listeners = foreign.of(signal);
      const names = listeners.map((listener) => foreign.name(originalOf(listener)));
      if (!isSignalled) told.signalled(signal, names);
      isSignalled = true;
      if (listeners.length > 0) return false;
      say(undefined);
      // As it ends without us: by the signal itself.
      EventEmitter.prototype.removeAllListeners.call(process, signal);
      process.kill(process.pid, signal);
      return true;
    },
  });
  for (const signal of signals) process.on(signal, ignore);
  process.on("exit", (code) => {
    if (isSignalled) say(code);
  });
}
