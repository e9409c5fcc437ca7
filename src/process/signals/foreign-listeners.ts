import { EventEmitter } from "node:events";

import { findKnown, type Known } from "./known-listeners.js";
import { areRegistrationsNoted } from "./registrations.js";
import { findCaller, findRegistration, sayOrigin, type Origin } from "./origin.js";

type AnyListener = (...args: never[]) => unknown;

/** From where on it is known where listeners are registered. */
const beginning = (): string => (areRegistrationsNoted() ? "lastcall/auto" : "lastcall()");

/** Of a listener whose place is not known, this much of its source is shown. */
const SHOWN = 60;

/**
 * Remembers where listeners of the process were registered: a function itself does not tell. Those that were there
 * before it started are known by their name and source alone.
 */
export class ForeignListeners {
  readonly #events: ReadonlySet<string | symbol>;
  readonly #origins = new WeakMap<AnyListener, Origin>();
  readonly #ours = new WeakSet<AnyListener>();
  readonly #note = (event: string | symbol, listener: AnyListener): void => {
    if (!this.#events.has(event) || this.#ours.has(listener)) return;
    const origin = findCaller();
    if (origin !== undefined) this.#origins.set(listener, origin);
  };

  constructor(events: ReadonlySet<string | symbol>) {
    this.#events = events;
    this.own(this.#note);
  }

  start(): void {
    process.on("newListener", this.#note);
  }

  stop(): void {
    process.off("newListener", this.#note);
  }

  /** A listener of lastcall's own. */
  own(listener: AnyListener): void {
    this.#ours.add(listener);
  }

  /** Whether a listener is lastcall's own. */
  isOwn(listener: AnyListener): boolean {
    return this.#ours.has(listener);
  }

  /** Listeners of an event that are, also where they are hidden from the program. */
  ownOf(event: string): AnyListener[] {
    const listeners = EventEmitter.prototype.listeners.call(process, event) as AnyListener[];
    return listeners.filter((listener) => this.#ours.has(listener));
  }

  /** Listeners of an event that are not lastcall's. */
  of(event: string): AnyListener[] {
    const listeners = process.listeners(event as NodeJS.Signals) as AnyListener[];
    return listeners.filter((listener) => !this.#ours.has(listener));
  }

  /** In words: package, file and line; or name and source, where it was registered before `lastcall()`. */
  name(listener: AnyListener): string {
    const origin = this.#originOf(listener);
    const place = origin === undefined ? `registered before ${beginning()}` : sayOrigin(origin);
    if (origin !== undefined && listener.name === "") return place;
    const source = listener.toString().replace(/\s+/g, " ").slice(0, SHOWN);
    return `\`${listener.name === "" ? source : listener.name}\`, ${place}`;
  }

  #originOf(listener: AnyListener): Origin | undefined {
    return this.#origins.get(listener) ?? findRegistration(listener);
  }

  /** Whether it does nothing as long as others listen too. */
  isPassive(listener: AnyListener): boolean {
    return this.#known(listener)?.isPassive === true;
  }

  /** Whether a launcher waits to hear from it that the signal has come. */
  isAwaited(listener: AnyListener): boolean {
    return this.#known(listener)?.isAwaited === true;
  }

  #known(listener: AnyListener): Known | undefined {
    return findKnown(this.#originOf(listener)?.package, listener.toString());
  }

  /** What is known of it: whose it is and what turns it off; empty for most. */
  explain(listener: AnyListener): string {
    const known = this.#known(listener);
    return known === undefined ? "" : `It is ${known.name}; to turn it off, ${known.off}. `;
  }
}
