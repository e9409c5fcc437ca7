import { EventEmitter } from "node:events";

import { isOfSignals, keepListeners, originalOf } from "./registrations.js";

type AnyListener = (...args: never[]) => unknown;

/** What stands before the listeners of some signals. */
export interface Interceptor {
  readonly signals: ReadonlySet<string>;
  /** Whether a listener is lastcall's own: those are hidden from programs that count them. */
  readonly isOwn: (listener: AnyListener) => boolean;
  /** A signal has come. True: its listeners are not to hear of it now. */
  readonly take: (signal: NodeJS.Signals, args: readonly unknown[]) => boolean;
}

type Method = "emit" | "listeners" | "rawListeners" | "listenerCount" | "eventNames";

type Methods = Record<Method, (this: unknown, ...args: unknown[]) => unknown>;

const owner = process as unknown as Methods;

/** What stands between signals and their listeners. */
export interface Interception {
  /** Takes it back; another's wrapper around ours stays, and ours passes on. */
  stop(): void;
  /** Runs code that sees lastcall's own listeners, too. */
  showing(run: () => void): void;
}

/**
 * Stands between the kernel's signals and their listeners. The listeners stay where the program has put them, so that
 * `once`, `off`, `removeAllListeners` and `listeners` go on to do what they do.
 */
export function intercept(interceptor: Interceptor): Interception {
  const before: Methods = {
    emit: owner.emit,
    listeners: owner.listeners,
    rawListeners: owner.rawListeners,
    listenerCount: owner.listenerCount,
    eventNames: owner.eventNames,
  };
  const state: State = { isActive: true, isShowing: false };
  const stands = {
    ...createCounts(interceptor, before, state),
    emit: createEmit(interceptor, before.emit, state),
  };
  const names = Object.keys(stands) as Method[];
  const were = names.map((name) => Object.getOwnPropertyDescriptor(process, name));
  for (const name of names) define(name, stands[name]);
  const forget = keepListeners(interceptor.isOwn);
  for (const signal of interceptor.signals) listenAnew(signal);
  return {
    stop() {
      state.isActive = false;
      forget();
      for (const [index, name] of names.entries()) {
        if (owner[name] === stands[name]) restore(name, were[index]);
      }
    },
    showing: (run) => show(state, run),
  };
}

interface State {
  isActive: boolean;
  /** lastcall's own listeners are counted: Node looks whether it has to listen for a signal any more. */
  isShowing: boolean;
}

function show<T>(state: State, run: () => T): T {
  state.isShowing = true;
  try {
    return run();
  } finally {
    state.isShowing = false;
  }
}

function createEmit(
  { signals, take }: Interceptor,
  emit: Methods["emit"],
  state: State,
): Methods["emit"] {
  /** What goes wrong here is no business of the program's, which hears of its signal then. */
  const tryToTake: typeof take = (signal, args) => {
    try {
      return take(signal, args);
    } catch {
      return false;
    }
  };
  return function (...args) {
    const [event, ...rest] = args;
    if (!state.isActive) return Reflect.apply(emit, this, args);
    if (signals.has(event as string) && tryToTake(event as NodeJS.Signals, rest)) return true;
    const pass = (): unknown => Reflect.apply(emit, this, args);
    return event === "removeListener" ? show(state, pass) : pass();
  };
}

/** What tells a program how many listeners there are: it sees its own, as it would without lastcall. */
function createCounts(
  { isOwn }: Interceptor,
  before: Methods,
  state: State,
): Pick<Methods, "listeners" | "rawListeners" | "listenerCount" | "eventNames"> {
  const hides = (event: unknown): boolean =>
    state.isActive && !state.isShowing && isOfSignals(event);
  const withoutOwn = (listeners: unknown): AnyListener[] =>
    (listeners as AnyListener[]).filter((each) => !isOwn(originalOf(each)));
  return {
    listeners(...args) {
      const found = Reflect.apply(before.listeners, this, args);
      return hides(args[0]) ? withoutOwn(found) : found;
    },
    rawListeners(...args) {
      const found = Reflect.apply(before.rawListeners, this, args);
      return hides(args[0]) ? withoutOwn(found) : found;
    },
    listenerCount(...args) {
      const [event, listener] = args;
      if (!hides(event) || listener !== undefined) {
        return Reflect.apply(before.listenerCount, this, args);
      }
      return withoutOwn(Reflect.apply(before.rawListeners, this, [event])).length;
    },
    eventNames(...args) {
      const names = Reflect.apply(before.eventNames, this, args) as unknown[];
      return names.filter((event) => {
        if (!hides(event)) return true;
        return withoutOwn(Reflect.apply(before.rawListeners, this, [event])).length > 0;
      });
    },
  };
}

function define(name: Method, value: Methods[Method]): void {
  Object.defineProperty(value, "name", { value: name });
  Object.defineProperty(process, name, { value, writable: true, configurable: true });
}

function restore(name: Method, descriptor: PropertyDescriptor | undefined): void {
  if (descriptor === undefined) Reflect.deleteProperty(process, name);
  else Object.defineProperty(process, name, descriptor);
}

/** Node binds the `emit` of the moment at which a signal gets its first listener. */
function listenAnew(signal: string): void {
  const listeners = process.rawListeners(signal) as (() => void)[];
  if (listeners.length === 0) return;
  // By Node's own methods: no other code need notice.
  EventEmitter.prototype.removeAllListeners.call(process, signal);
  for (const listener of listeners) EventEmitter.prototype.on.call(process, signal, listener);
}
