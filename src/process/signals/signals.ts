import os from "node:os";

import { callAfter, nextCheckPhase, now } from "../../clock.js";
import type { ForeignListeners } from "./foreign-listeners.js";
import type { Loop } from "../loop.js";
import { findCaller, sayOrigin } from "./origin.js";
import { Raised } from "./raised.js";
import type { Telling } from "./telling.js";

/**
 * Signals that end a process which does not listen for them. Process managers mix them for one stop: those that are not
 * wanted are listened for too, or the second of two that come together would end the process before it has seen the first.
 */
const DEADLY: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"];

/** The same for those that code outside of JavaScript may listen for, such as heapdump's: heard during the drain alone. */
const DEADLY_IN_DRAIN: readonly NodeJS.Signals[] = [...DEADLY, "SIGUSR2"];

/** How long after a signal that stops nothing one may follow that does, in ms: 0 to 50 lie between the parts of one stop. */
const TOGETHER = 50;

/** How long a process takes at most to die of a signal; process 1 does not. */
const DYING = 100;

/** Listens for signals, once for the whole process, and finds out where they come from. */
export class Signals {
  readonly #loop: Loop;
  readonly #foreign: ForeignListeners;
  readonly #arrived: (telling: Telling) => void;
  readonly #raised = new Raised();
  readonly #wanted = new Map<NodeJS.Signals, number>();
  /** One for each name: `process.emit("SIGTERM")` hands none over. */
  readonly #listeners = new Map<NodeJS.Signals, (name: unknown, number?: unknown) => void>();
  /** Those that are listened for. */
  readonly #heard = new Set<NodeJS.Signals>();
  /** A drain that a signal began runs. */
  #isGuarding = false;

  constructor(loop: Loop, foreign: ForeignListeners, arrived: (telling: Telling) => void) {
    this.#loop = loop;
    this.#foreign = foreign;
    this.#arrived = arrived;
    foreign.own(this.#more);
    foreign.own(this.#fewer);
  }

  #listenerFor(signal: NodeJS.Signals): (name: unknown, number?: unknown) => void {
    const known = this.#listeners.get(signal);
    if (known !== undefined) return known;
    const listener = (_name: unknown, number?: unknown): void => this.#hear(signal, number);
    this.#foreign.own(listener);
    this.#listeners.set(signal, listener);
    return listener;
  }

  /** Another service wants to hear of it. */
  add(signal: NodeJS.Signals): void {
    const count = this.#wanted.get(signal) ?? 0;
    this.#wanted.set(signal, count + 1);
    if (count > 0) return;
    // Before listeners that are there already: a framework's own may close the server at once.
    this.#ignore(signal);
    this.#heard.add(signal);
    process.prependListener(signal, this.#listenerFor(signal));
    if (this.#wanted.size > 1) return;
    process.on("newListener", this.#more);
    process.on("removeListener", this.#fewer);
    this.#review();
  }

  /** A service does not want to hear of it any more. */
  remove(signal: NodeJS.Signals): void {
    const count = (this.#wanted.get(signal) ?? 0) - 1;
    if (count > 0) {
      this.#wanted.set(signal, count);
      return;
    }
    this.#wanted.delete(signal);
    if (this.#wanted.size === 0) {
      process.off("newListener", this.#more);
      process.off("removeListener", this.#fewer);
    }
    this.#review(signal);
  }

  /** A drain that a signal began runs: others may follow, also of other names and from inside. */
  guard(): void {
    this.#isGuarding = true;
    this.#raised.start();
    this.#review();
  }

  /** No drain runs any more. */
  unguard(): void {
    this.#isGuarding = false;
    this.#raised.stop();
    this.#review();
  }

  /** Listens for what is to be heard now, and for nothing else. */
  #review(...more: NodeJS.Signals[]): void {
    for (const signal of [...DEADLY_IN_DRAIN, ...more]) {
      if (this.#isToBeHeard(signal)) this.#listen(signal);
      else this.#ignore(signal);
    }
  }

  /**
   * One that is not wanted and that the program listens for is the program's: code that counts listeners, as signal-exit
   * does, would take ours for one that outlives the signal. During the drain that is what it is.
   */
  #isToBeHeard(signal: NodeJS.Signals): boolean {
    if (this.#wanted.has(signal)) return true;
    if (this.#isGuarding) return DEADLY_IN_DRAIN.includes(signal);
    if (!DEADLY.includes(signal) || this.#wanted.size === 0) return false;
    return this.#othersOf(signal).length === 0;
  }

  #listen(signal: NodeJS.Signals): void {
    if (this.#heard.has(signal)) return;
    this.#heard.add(signal);
    process.on(signal, this.#listenerFor(signal));
  }

  #ignore(signal: NodeJS.Signals): void {
    if (this.#heard.delete(signal)) process.off(signal, this.#listenerFor(signal));
  }

  #othersOf(signal: NodeJS.Signals): NodeJS.SignalsListener[] {
    const own = this.#listenerFor(signal);
    return process.listeners(signal).filter((listener) => listener !== own);
  }

  /**
   * Another listener is about to be added. Only once it is there ours may go: Node lets a signal go with its last listener,
   * and has looked already whether it has to take this one.
   */
  readonly #more = (event: string | symbol, listener: unknown): void => {
    const signal = DEADLY.find((each) => each === event);
    if (signal === undefined || listener === this.#listenerFor(signal)) return;
    queueMicrotask(() => this.#review(signal));
  };

  /** A listener was removed: perhaps all of a name, ours among them, and the next signal would end the process. */
  readonly #fewer = (event: string | symbol, listener: unknown): void => {
    const signal = [...DEADLY_IN_DRAIN, ...this.#wanted.keys()].find((each) => each === event);
    if (signal === undefined) return;
    if (listener !== this.#listenerFor(signal)) this.#review(signal);
    else if (this.#heard.has(signal)) process.on(signal, this.#listenerFor(signal));
  };

  #hear(signal: NodeJS.Signals, number: unknown): void {
    if (this.#wanted.has(signal)) this.#tell(signal, number);
    // The program listens too, and means something else by it.
    else if (!this.#othersOf(signal).every((each) => this.#foreign.isPassive(each))) return;
    else if (this.#isGuarding) this.#tell(signal, number);
    else this.#dieUnlessStopped(signal, number);
  }

  #tell(signal: NodeJS.Signals, number: unknown, at = now()): void {
    const { silentMs, blockedMs } = this.#loop;
    this.#arrived({ signal, at, silentMs, blockedMs, ...this.#originOf(signal, number) });
  }

  /** One that stops nothing ends the process, as it does without lastcall; unless it is part of a stop. */
  #dieUnlessStopped(signal: NodeJS.Signals, number: unknown): void {
    const at = now();
    callAfter(TOGETHER, () => {
      void nextCheckPhase().then(() => {
        if (this.#isGuarding) this.#tell(signal, number, at);
        if (this.#isGuarding || !this.#heard.has(signal)) return;
        this.#ignore(signal);
        process.kill(process.pid, signal);
        callAfter(DYING, () => this.#review());
      });
    });
  }

  #originOf(signal: NodeJS.Signals, number: unknown): Pick<Telling, "from" | "by"> {
    // Node emits a signal that has really come together with its number; `process.emit("SIGTERM")` is the program's.
    const isReal = number === os.constants.signals[signal];
    const raised = isReal ? this.#raised.take(signal) : { by: findCaller() };
    if (raised === undefined) return { from: "outside" };
    return { from: "self", by: raised.by && sayOrigin(raised.by) };
  }
}
