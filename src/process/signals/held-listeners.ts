import type { ForeignListeners } from "./foreign-listeners.js";
import { intercept, type Interception } from "./intercept.js";
import { originalOf } from "./registrations.js";

type AnyListener = (...args: unknown[]) => unknown;

/** A listener of the program's that has not heard of its signal yet. */
export interface HeldListener {
  /** In words: package, file and line. */
  readonly name: string;
  /** Calls it, as the signal would have done. */
  readonly run: () => unknown;
}

/** On whose account listeners are held back. */
export interface Holder {
  /** Whether something is there that a signal stops in order. */
  readonly isServing: () => boolean;
  /** The first signal has come, and these have not heard of it. */
  readonly held: (signal: NodeJS.Signals, listeners: readonly HeldListener[]) => void;
  /** A signal has come, and nothing is to be stopped: all is to be as if there were no holder. */
  readonly retire: () => void;
  /** Whether the listeners that were held back have been begun, after everything else. */
  readonly isLate: () => boolean;
  /** One of them ends the process, which is its right then. */
  readonly concluding: () => void;
}

/** Holds back the program's listeners of signals until the drain is over, for a program that knows of none. */
export class HeldListeners {
  readonly #foreign: ForeignListeners;
  #signals: ReadonlySet<string> = new Set();
  #holder: Holder | undefined;
  #interception: Interception | undefined;
  #first: NodeJS.Signals | undefined;

  constructor(foreign: ForeignListeners) {
    this.#foreign = foreign;
  }

  start(signals: readonly NodeJS.Signals[], holder: Holder): void {
    this.stop();
    this.#signals = new Set(signals);
    this.#holder = holder;
    this.#interception = intercept({
      signals: this.#signals,
      isOwn: (listener) => this.#foreign.isOwn(listener),
      take: (signal, args) => this.#take(signal, args, holder),
    });
  }

  stop(): void {
    this.#interception?.stop();
    this.#interception = undefined;
    this.#holder = undefined;
    this.#first = undefined;
    this.#signals = new Set();
  }

  /** Whether the listeners of a signal are held back. */
  holds(signal: NodeJS.Signals): boolean {
    return this.#signals.has(signal);
  }

  /** Whether it is one of the program's listeners that ends the process now, after everything else. */
  get isLate(): boolean {
    return this.#holder?.isLate() === true;
  }

  concluding(): void {
    this.#holder?.concluding();
  }

  #take(signal: NodeJS.Signals, args: readonly unknown[], holder: Holder): boolean {
    if (!holder.isServing()) {
      holder.retire();
      // It was lastcall's listener alone that kept the signal from ending the process.
      if (process.listenerCount(signal) > 0) return false;
      process.kill(process.pid, signal);
      return true;
    }
    if (this.#first === undefined) {
      this.#first = signal;
      holder.held(signal, this.#listenersOf(signal, args));
    }
    this.#callAwaited(signal, args);
    for (const own of this.#foreign.ownOf(signal)) Reflect.apply(own as AnyListener, process, args);
    return true;
  }

  /** Those that a launcher waits for are called now, too: they see that they are not alone, and end nothing. */
  #callAwaited(signal: NodeJS.Signals, args: readonly unknown[]): void {
    for (const listener of rawListeners(signal)) {
      if (!this.#foreign.isAwaited(originalOf(listener))) continue;
      this.#interception?.showing(() => Reflect.apply(listener, process, args));
    }
  }

  #listenersOf(signal: NodeJS.Signals, args: readonly unknown[]): HeldListener[] {
    return rawListeners(signal).map((listener) => ({
      name: this.#foreign.name(originalOf(listener)),
      run: () => Reflect.apply(listener, process, args),
    }));
  }
}

function rawListeners(signal: NodeJS.Signals): AnyListener[] {
  return process.rawListeners(signal) as AnyListener[];
}
