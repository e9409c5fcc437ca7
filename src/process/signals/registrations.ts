/**
 * Where the program has registered its listeners of the process: `lastcall/auto` notes it from the start of the process
 * on, long before there is a service. Imported by every program that is preloaded: it loads nothing.
 *
 * @module
 */
import { EventEmitter } from "node:events";

import { shared } from "../../shared.js";

type AnyListener = (...args: never[]) => unknown;

/** Deep enough for a listener that a framework registers on behalf of its user. */
const DEPTH = 30;

const notes = shared("registrations", () => ({
  isNoting: false,
  stacks: new WeakMap<AnyListener, Error>(),
  /** What tells listeners that no program may take off by taking off all. */
  kept: new Set<(listener: AnyListener) => boolean>(),
}));

/** Whether it is noted where listeners are registered, long before there is a service. */
export function areRegistrationsNoted(): boolean {
  return notes.isNoting;
}

/** The function that was registered, and not Node's own around one for `once`. */
export function originalOf(listener: AnyListener): AnyListener {
  return (listener as { listener?: AnyListener }).listener ?? listener;
}

/** Where this is called. The text of its stack is made when it is first read, and costs nothing before. */
export function captureStack(): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEPTH;
  const error = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/** Where a listener was registered, if that was noted. */
export function registrationOf(listener: AnyListener): Error | undefined {
  return notes.stacks.get(listener);
}

/** `once` and `prependOnceListener` call these. */
const METHODS = ["on", "addListener", "prependListener"] as const;

/** Notes from here on where listeners of these events are registered, by methods that stand in for the process' own. */
export function noteRegistrations(events: ReadonlySet<string>): void {
  notes.isNoting = true;
  keepWhatIsKept();
  for (const name of METHODS) {
    const before = process[name] as (...args: unknown[]) => unknown;
    const value = function (this: unknown, ...args: unknown[]): unknown {
      if (events.has(args[0] as string)) note(args[1]);
      return Reflect.apply(before, this, args);
    };
    Object.defineProperty(value, "name", { value: name });
    Object.defineProperty(process, name, { value, writable: true, configurable: true });
  }
}

/** Without these of Node's own no signal reaches any listener. */
const NODES = /^(?:start|stop)ListeningIfSignal$/;

/** A program that takes all listeners off means those that it knows of. Returns the function that takes it back. */
export function keepListeners(isKept: (listener: AnyListener) => boolean): () => void {
  notes.kept.add(isKept);
  return () => notes.kept.delete(isKept);
}

/** Whether an event is a signal, or tells of listeners of signals: lastcall and Node may listen for it beside the program. */
export function isOfSignals(event: unknown): event is NodeJS.Signals {
  if (typeof event !== "string") return false;
  return event.startsWith("SIG") || event === "newListener" || event === "removeListener";
}

/** By the class' own methods: those of the process hide from the program what is not its own. */
const methods = EventEmitter.prototype;

/** Lets `removeAllListeners()` leave those that are to be kept. */
function keepWhatIsKept(): void {
  type Remove = (name: string | symbol) => void;
  const before = (process as unknown as { removeAllListeners: Remove }).removeAllListeners;
  const removeAll = (name: string | symbol): void => {
    if (!isOfSignals(name)) {
      before.call(process, name);
      return;
    }
    // The last one first, as Node does it.
    for (const listener of methods.rawListeners.call(process, name).toReversed()) {
      const known = listener as AnyListener & (() => void);
      if (!isToStay(known)) methods.removeListener.call(process, name, known);
    }
  };
  function removeAllListeners(this: unknown, event?: string | symbol): unknown {
    for (const name of event === undefined ? methods.eventNames.call(process) : [event]) {
      removeAll(name);
    }
    return this;
  }
  const value = removeAllListeners;
  Object.defineProperty(process, value.name, { value, writable: true, configurable: true });
}

function isToStay(listener: AnyListener): boolean {
  const original = originalOf(listener);
  return NODES.test(original.name) || [...notes.kept].some((isKept) => isKept(original));
}

/** A program may have frozen `Error`: then it is not known. */
function note(listener: unknown): void {
  if (typeof listener !== "function") return;
  try {
    notes.stacks.set(originalOf(listener as AnyListener), captureStack());
  } catch {
    // A listener that is no object cannot be remembered.
  }
}
