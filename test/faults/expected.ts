import type { DrainReport } from "lastcall";

/** What follows from a fault at one place. */
export interface Expected {
  /** Whether there are requests that never end: some places are reached only then, and some faults cost the whole time. */
  readonly stop: "calm" | "never";
  readonly code: number | null;
  readonly outcome: DrainReport["outcome"] | undefined;
  /** Requests of others that are lost; the outcome is not clean then. */
  readonly isLost?: true;
  /** The hook does not run: it is what fails. */
  readonly isHookLost?: true;
  /** Other faults without which the place is not reached. */
  readonly also?: readonly string[];
  /** It fails at the first call alone: the rest of what is done under the same name is done. */
  readonly isOnce?: true;
}

/** Of no consequence but for a warning: everything is answered. */
const HARMLESS: Expected = { stop: "calm", code: 0, outcome: "clean" };
/** As harmless, at a place that is reached when requests do not end; those are what is aborted. */
const AT_ABORT: Expected = { stop: "never", code: 124, outcome: "aborted" };
/** Something is waited for to the end, and cut. */
const WAITED_FOR: Expected = { stop: "never", code: 124, outcome: "aborted" };
const FAILED: Expected = { stop: "calm", code: 1, outcome: "failed" };
/** Something of lastcall's own is not done, so that connections are waited for to the end. */
const FAILED_LATE: Expected = { stop: "never", code: 1, outcome: "failed" };

/** The application's code and objects, and Node's inside. Here the drain goes on as if nothing were. */
export const TOUCHED: Readonly<Record<string, Expected>> = {
  "event listener": HARMLESS,
  "report function": HARMLESS,
  registry: HARMLESS,
  goodbye: HARMLESS,
  request: HARMLESS,
  route: HARMLESS,
  "head of a request": HARMLESS,
  "end of a request": HARMLESS,
  "last byte of a request": HARMLESS,
  "signal of the application": HARMLESS,
  "client of a probe": HARMLESS,
  "answer of a probe": HARMLESS,
  "answer of a probe's stream": HARMLESS,
  "connection header of a response": HARMLESS,
  "head of a response": HARMLESS,
  "said close": HARMLESS,
  "refused request": HARMLESS,
  "address of a client": HARMLESS,
  "room of a response": HARMLESS,
  "wait of a response": HARMLESS,
  "socket of a response": HARMLESS,
  "methods of a socket": HARMLESS,
  "end of an answer": HARMLESS,
  "end of a queued response": HARMLESS,
  "release of a socket": HARMLESS,
  "ports of a connection": HARMLESS,
  "answer to a stall": HARMLESS,
  "destroy of a socket": HARMLESS,
  "end of a socket": HARMLESS,
  "last end of a socket": HARMLESS,
  "close listener": HARMLESS,
  "socket of a goodbye": HARMLESS,
  "close of a WebSocket": HARMLESS,
  "answer of a stream": HARMLESS,
  "address of a server": HARMLESS,
  "close of a server": HARMLESS,
  "stream of a request": HARMLESS,
  "socket of a request": HARMLESS,
  "client of a request": HARMLESS,
  "response of a request": HARMLESS,
  "methods of a server": HARMLESS,
  "owner of a resource": HARMLESS,
  "server of a resource": HARMLESS,
  "alive resources": HARMLESS,
  "connections before attach": HARMLESS,
  "receiving connections": HARMLESS,
  longLived: HARMLESS,
  "route name": AT_ABORT,
  "signal of a request": AT_ABORT,
  "abort of a request": AT_ABORT,
  "reset of a stream": AT_ABORT,
  "end of a connection": WAITED_FOR,
  "close of a session": WAITED_FOR,
  "events of a response": WAITED_FOR,
  "end of a goodbye": WAITED_FOR,
  task: WAITED_FOR,
  hook: { ...FAILED, isHookLost: true },
};

/** What is lastcall's own: whatever fails there, the report says it, and the next step comes. */
export const OWN: Readonly<Record<string, Expected>> = {
  // Nothing at all is done, not even the process told: the watchdog ends that at the deadline.
  drain: { ...FAILED_LATE, code: null, isLost: true, isHookLost: true },
  "leave the registries": FAILED,
  "lame duck": FAILED,
  "close the listeners": FAILED_LATE,
  "say goodbyes": FAILED_LATE,
  finish: FAILED,
  "cut connections": FAILED,
  "finish consumers": FAILED,
  "finish tasks": FAILED,
  "hand over": FAILED,
  workers: FAILED,
  hooks: { ...FAILED, isHookLost: true },
  "run hooks": { ...FAILED, isHookLost: true },
  "last hooks": FAILED,
  untracked: FAILED,
  // It is what tells the process that a drain is under way: the watchdog ends that at the deadline.
  announce: { ...FAILED_LATE, code: null, isOnce: true },
  "give up": { ...FAILED_LATE, code: null, isLost: true, isHookLost: true, also: ["drain=hang"] },
  "register goodbyes": FAILED_LATE,
  abort: FAILED_LATE,
  cut: FAILED_LATE,
  close: FAILED,
  uninstall: FAILED,
  // Nothing is left that could write it.
  "deliver the report": { ...HARMLESS, outcome: undefined },
  // The report is out by then, and the watchdog ends the process.
  exit: { ...AT_ABORT, code: null },
  "tell the watchdog": FAILED,
  // Before the drain nothing follows from a fault.
  "tell of the signal": HARMLESS,
  "enter registries": HARMLESS,
  "name other listeners": HARMLESS,
  "arm the watchdog": HARMLESS,
  "outlive exceptions": HARMLESS,
  "listen for more signals": HARMLESS,
  "say a last word": HARMLESS,
  // The drain has a listener of its own, for requests in flight that ask their own server.
  "see a server listen": FAILED,
  "see the server's \"": HARMLESS,
  // It belongs to no service.
  "look at a pipelined request": HARMLESS,
  "find long-lived requests": FAILED,
  "find a long-lived request": FAILED,
  "forget what was sent away": FAILED,
  "watch what was sent away": FAILED,
  "spread goodbyes": FAILED,
  "watch for stalls": FAILED_LATE,
  "let silent connections go": FAILED_LATE,
  "tell sessions": FAILED,
  "hurry silent connections": FAILED_LATE,
  "hurry sessions": FAILED_LATE,
  "cut a connection": FAILED_LATE,
  "release sockets": FAILED,
  "release a connection": { ...FAILED_LATE, also: ["end of a connection"] },
  "release a socket": { ...FAILED_LATE, also: ["end of a connection"] },
  "destroy a socket": FAILED,
  "end what was in flight": FAILED,
  "close a connection": FAILED_LATE,
  "say a goodbye": FAILED_LATE,
  "follow a connection": FAILED_LATE,
  "tell each session": FAILED,
  "close what stands still": FAILED_LATE,
  "close a silent connection": FAILED_LATE,
  "register a goodbye": FAILED_LATE,
  "finish a response": FAILED,
  "end a response": FAILED_LATE,
  "forget a goodbye": FAILED_LATE,
  "look at the lame duck": FAILED,
  linger: FAILED,
  "tell a session": FAILED_LATE,
  "end a stream": FAILED_LATE,
  sweep: FAILED_LATE,
  "close silent connections": FAILED_LATE,
  "begin a long-lived answer": FAILED_LATE,
  "make the report": FAILED,
  "close the listener": FAILED,
  "send what was held": FAILED,
  "judge a connection": FAILED_LATE,
  "look at what may stand still": FAILED_LATE,
  "leave to other workers": FAILED,
  "close as a worker": FAILED,
  "close a listener": FAILED_LATE,
};

/** Some are reached only where another has not failed: they fail apart. */
const NESTED: readonly (readonly string[])[] = [
  [
    "refused request",
    "last end of a socket",
    "close of a WebSocket",
    "server of a resource",
    "owner of a resource",
  ],
  ["client of a request", "route"],
  [
    "connection header of a response",
    "room of a response",
    "wait of a response",
    "socket of a response",
    "response of a request",
  ],
  ["stream of a request"],
  ["methods of a socket"],
];

/** The harmless ones, by which of them can fail in one stop. */
export const TOGETHER: readonly (readonly string[])[] = [
  Object.keys(TOUCHED).filter(
    (name) => TOUCHED[name] === HARMLESS && !NESTED.flat().includes(name),
  ),
  ...NESTED,
];
