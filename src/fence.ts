/**
 * Where lastcall meets the application's code. Its functions are called and its objects read at moments that
 * were not chosen, in a timer while the service serves or on the way to the exit, and any of them may throw:
 * a getter, a patched method, a function that names a route. Nothing of it may end the process or hang a
 * drain.
 *
 * @module
 */
import { textOf, toError } from "./errors.js";
import { warnProcess } from "./process-warning.js";
import { whereThrown } from "./process/signals/origin.js";

/**
 * Each place where something of the application's is called or touched, and what stands in for it where that
 * throws. `test/faults` has a row for each.
 */
const PLACES = {
  "signal of the application": "it may retain what followed it",
  "end of a request": "its client counts as gone",
  "last byte of a request": "its client counts as gone",
  "event listener": "the next one hears the event",
  "report function": "the report is written to stderr",
  hook: "the next one runs",
  task: "it counts as failed",
  registry: "it is tried again while there is time",
  goodbye: "its connection has as much time as any other",
  request: "the report goes without its method and route",
  "head of a request": "it counts as one that ends",
  "route name": "the path is reported instead",
  route: "the path is reported instead",
  "signal of a request": "it counts as not asked for",
  "client of a request": "its signal tells of the drain alone",
  "stream of a request": "it counts as one of HTTP/1.1",
  "socket of a request": "it counts as one",
  "response of a request": "its signal stays as it is",
  "abort of a request": "its handler is not told to give up",
  "close listener": "it is left where it is",
  "socket of a goodbye": "the peer has the whole of its time",
  "end of a goodbye": "it is left to the end of its connection",
  longLived: "it is told from its head whether it is",
  "client of a probe": "it counts as one without an address",
  "answer of a probe": "the application gets the request",
  "answer of a probe's stream": "the application gets the request",
  "room of a response": "it is told to wait for a moment",
  "wait of a response": "it is told to go on",
  "socket of a response": "what is written past an answer may come before it",
  "methods of a socket": "they stay, and only pass on",
  "end of an answer": "half of it may look whole to its client",
  "head of a response": "it does not say close",
  "events of a response": "it counts as in flight until its connection ends",
  "end of a queued response": "it is kept as long as its connection",
  "connection header of a response": "it does not say close",
  "close of a WebSocket": "it is cut with its connection",
  "answer of a stream": "it counts as unfinished",
  "said close": "the request is taken",
  "refused request": "the rest of it is not read",
  "end of a connection": "it counts as open until the cut",
  "release of a socket": "what tells its end stays, and tells nothing",
  "destroy of a socket": "Node's own is called",
  "end of a socket": "it is destroyed instead",
  "last end of a socket": "it is destroyed instead",
  "ports of a connection": "the kernel is not asked whether it stands still",
  "address of a client": "the report goes without it",
  "answer to a stall": "the connection is closed without it",
  "close of a session": "it is ended with its connection",
  "reset of a stream": "it is ended with its connection",
  "methods of a server": "they stay as they are",
  "address of a server": "its Unix socket's file is not guarded",
  "close of a server": "its interval for timeouts goes on",
  "server of a resource": "it counts as the application's own",
  "owner of a resource": "it is counted without an owner",
} as const;

/** What is read of Node that has no public name, and what stands in where it has another shape. */
const INTERNALS = {
  "receiving connections": "a head that is half sent counts as one that may still come",
  "connections before attach": "those that were there when the server was attached are not found",
  "alive resources": "work that lastcall was not told of is not looked for",
} as const;

/** Where something of the application's is called or touched. */
export type Place = keyof typeof PLACES;

/** Where something of Node's own is read. */
export type Internal = keyof typeof INTERNALS;

/** Something was thrown, and caught here. */
export interface Fault {
  readonly message: string;
  /** File and line of the code that threw, where the stack tells. */
  readonly at: string | undefined;
}

/** What is told of faults. */
export interface FaultListener {
  /** Something of the application's threw: once for each place and line. */
  applicationThrew(message: string): void;
  /** The inside of Node has another shape than expected: once for each place and line. */
  internalsChanged(message: string): void;
  /** Something went wrong in lastcall itself, in the step of that name. */
  failed(step: string, fault: Fault): void;
}

/** What stands between one service and what may throw. */
export class Fence {
  readonly #listener: FaultListener;
  readonly #told = new Set<string>();

  constructor(listener: FaultListener) {
    this.#listener = listener;
  }

  /** Calls or reads what is the application's. `otherwise` stands in for the result where that throws. */
  ask<T>(place: Place, run: () => T, otherwise: T): T {
    try {
      return run();
    } catch (thrown) {
      this.#once(place, thrown, PLACES[place], (message) => {
        this.#listener.applicationThrew(message);
      });
      return otherwise;
    }
  }

  /** Reads what Node keeps inside. `otherwise` stands in for it where that has another shape. */
  askNode<T>(place: Internal, run: () => T, otherwise: T): T {
    try {
      return run();
    } catch (thrown) {
      this.#once(place, thrown, INTERNALS[place], (message) => {
        this.#listener.internalsChanged(message);
      });
      return otherwise;
    }
  }

  #once(place: string, thrown: unknown, instead: string, tell: (message: string) => void): void {
    const { message, at } = describeFault(thrown);
    const key = `${place} ${at}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    const where = at === undefined ? "" : `, at ${at}`;
    this.#tell(() => tell(`${place}: ${message}${where}; ${instead}`));
  }

  /** Calls a function of the application's now; `failed` hears that it threw, or rejected later. */
  invoke(place: Place, run: () => unknown, failed: (error: Error) => void): void {
    const fail = (thrown: unknown): void => this.#attempt(place, () => failed(toError(thrown)));
    try {
      Promise.resolve(run()).catch(fail);
    } catch (thrown) {
      fail(thrown);
    }
  }

  /**
   * Calls a function of the application's in a microtask, so that one that throws at once fails like any
   * other, and follows what it returns to its end. Never rejects.
   */
  async settle(
    place: Place,
    run: () => unknown,
    ended: (error: Error | undefined) => void,
  ): Promise<void> {
    let error: Error | undefined;
    try {
      await Promise.resolve().then(run);
    } catch (thrown) {
      error = toError(thrown);
    }
    this.#attempt(place, () => ended(error));
  }

  /** Does something of lastcall's own that may meet what was not foreseen; what comes after it is done anyway. */
  attempt(step: string, run: () => void): void {
    this.#attempt(step, run);
  }

  #attempt(step: string, run: () => void): void {
    try {
      run();
    } catch (thrown) {
      this.failed(step, thrown);
    }
  }

  /** The same for what takes its time; its end may be waited for. Never rejects. */
  async step(name: string, run: () => unknown): Promise<void> {
    try {
      await run();
    } catch (thrown) {
      this.failed(name, thrown);
    }
  }

  /** A callback of lastcall's own that Node calls: what it threw would be an uncaught exception. */
  callback<Args extends unknown[]>(
    step: string,
    run: (...args: Args) => void,
  ): (...args: Args) => void {
    return (...args) => {
      try {
        run(...args);
      } catch (thrown) {
        this.failed(step, thrown);
      }
    };
  }

  /** Something went wrong in lastcall itself. */
  failed(step: string, thrown: unknown): void {
    this.#tell(() => this.#listener.failed(step, describeFault(thrown)));
  }

  /** A step of lastcall's own did not end in its time. */
  outlasted(step: string): void {
    const fault: Fault = { message: "It did not end in its time", at: undefined };
    this.#tell(() => this.#listener.failed(step, fault));
  }

  /** A fault in the telling is not told. */
  #tell(tell: () => void): void {
    try {
      tell();
    } catch {
      // What is left is to go on.
    }
  }
}

function describeFault(thrown: unknown): Fault {
  const { message, stack } = readable(toError(thrown));
  return { message, at: whereThrown(stack) };
}

/** An error's message and stack are the application's too, if it wants them to be. */
function readable(error: Error): { message: string; stack: unknown } {
  try {
    return { message: textOf(error.message), stack: error.stack };
  } catch {
    return { message: "an error without a message", stack: undefined };
  }
}

/** For what belongs to no service, such as a request's signal: it works without one. */
export const fenceOfProcess: Fence = new Fence({
  applicationThrew: (message) => warnProcess("application-threw", message),
  internalsChanged: (message) => warnProcess("internals-changed", message),
  failed: (step, { message, at }) => warnProcess("internal-error", `${step}: ${message}, at ${at}`),
});
