/**
 * Where the program has registered its listeners of the process: `lastcall/auto` notes it from the start of the process
 * on, long before there is a service. Imported by every program that is preloaded: it loads nothing.
 *
 * @module
 */
import { shared } from "../../shared.js";

type AnyListener = (...args: never[]) => unknown;

/** Deep enough for a listener that a framework registers on behalf of its user. */
const DEPTH = 30;

const notes = shared("registrations", () => new WeakMap<AnyListener, Error>());

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
  return notes.get(listener);
}

/** `once` and `prependOnceListener` call these. */
const METHODS = ["on", "addListener", "prependListener"] as const;

/** Notes from here on where listeners of these events are registered, by methods that stand in for the process' own. */
export function noteRegistrations(events: ReadonlySet<string>): void {
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

/** A program may have frozen `Error`: then it is not known. */
function note(listener: unknown): void {
  if (typeof listener !== "function") return;
  const { listener: original = listener } = listener as { listener?: unknown };
  try {
    notes.set(original as AnyListener, captureStack());
  } catch {
    // A listener that is no object cannot be remembered.
  }
}
