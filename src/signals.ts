/**
 * The process: its signals, its exit, what it throws. With `cli/` the only place that touches them.
 *
 * @module
 */
import os from "node:os";
import tty from "node:tty";

import { doneBy, now } from "./clock.js";
import { toError } from "./errors.js";
import type { WarningCode } from "./events.js";
import { writeError } from "./report.js";

/** What a process' end needs of a service. */
export interface Stoppable {
  /** Drains, or joins the drain that runs; its end comes back as {@link ProcessWatch.drainEnded}. */
  stop(reason: string, hurried: boolean): void;
  /** Cuts; resolves when that is done. */
  abort(): Promise<unknown>;
  warn(code: WarningCode, message: string): void;
  /** The process threw something that nobody caught, during the drain. */
  threw(error: Error): void;
  /** The process ends in the middle of the drain: reports what is known. */
  interrupted(): void;
}

/** How much of the 100 ms in which a second signal must be obeyed may go into the reports, in ms. */
const LONGEST_ABORT = 50;

/** How much of them may go into what was written and has not left yet, in ms. */
const LAST_FLUSH = 30;

/** How long a reader that does not read may hold any other exit, in ms. */
const LONGEST_FLUSH = 2_000;

/**
 * Drains that are under way in this process, whatever began them. There is one process, and the
 * service that is done first must not end it under the others.
 */
const underway = new Set<ProcessWatch>();

/** How the process ends once nothing is under way. Set by the first signal, or what else stops it. */
let ending: { code: number; exits: boolean } | undefined;

/** A second signal has come; from here on nothing else may end the process. */
let isForced = false;

/** Signal listeners of this module, so that one service does not call another's foreign. */
const ours = new WeakSet<object>();

/** Listens for a signal that ends nothing; returns the function that stops listening. */
export function onSignal(signal: NodeJS.Signals, listener: () => void): () => void {
  ours.add(listener);
  process.on(signal, listener);
  return () => {
    process.off(signal, listener);
  };
}

/** A service's eyes and hands on its process. */
export class ProcessWatch {
  readonly #signals: readonly NodeJS.Signals[];
  readonly #exits: boolean;
  readonly #target: Stoppable;
  #isSignalled = false;

  constructor(signals: readonly NodeJS.Signals[], exits: boolean, target: Stoppable) {
    this.#signals = signals;
    this.#exits = exits;
    this.#target = target;
    ours.add(this.#onSignal);
    // Before listeners that are there already: a framework's own may close the server at once.
    for (const signal of signals) process.prependListener(signal, this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#isSignalled) void ProcessWatch.#leaveNow(signal);
    else this.#drain(signal);
  };

  #drain(signal: NodeJS.Signals): void {
    this.#isSignalled = true;
    this.#noteForeignListeners(signal);
    // Only a person at a terminal is in a hurry; a platform may be configured to send SIGINT too.
    this.stop(signal, signal === "SIGINT" && tty.isatty(0));
  }

  /** Drains, and ends the process afterwards: after a signal, or what is as good as one. */
  stop(reason: string, hurried = false): void {
    ending ??= { code: 0, exits: false };
    ending.exits ||= this.#exits;
    process.off("uncaughtException", this.#onUncaught);
    process.on("uncaughtException", this.#onUncaught);
    this.#target.stop(reason, hurried);
  }

  /** CLIs and terminals may send many: only the first of the second signals counts. */
  static async #leaveNow(signal: NodeJS.Signals): Promise<void> {
    if (isForced) return;
    isForced = true;
    const aborts = [...underway].map((watch) => watch.#target.abort());
    await doneBy(Promise.all(aborts), now() + LONGEST_ABORT);
    for (const watch of underway) {
      process.off("exit", watch.#onExit);
      watch.#target.interrupted();
    }
    process.exitCode = 128 + os.constants.signals[signal];
    await leave(LAST_FLUSH);
  }

  #noteForeignListeners(signal: NodeJS.Signals): void {
    for (const listener of process.listeners(signal)) {
      if (ours.has(listener)) continue;
      this.#target.warn(
        "foreign-signal-listener",
        `Somebody else listens for ${signal} too: ${nameOf(listener)}. If it closes servers or ends the process, it undoes the drain`,
      );
    }
  }

  readonly #onUncaught = (thrown: unknown): void => {
    const error = toError(thrown);
    // An error of stderr itself would be uncaught too, and come back here.
    writeError(`Uncaught during the drain, which goes on: ${error.stack}\n`);
    this.#target.threw(error);
  };

  /** Whether the process ends as soon as this drain is over. */
  get isLast(): boolean {
    return ending?.exits === true && !isForced && underway.size === 1 && underway.has(this);
  }

  /** Watches for somebody who ends the process in the middle of the drain. */
  drainBegan(): void {
    underway.add(this);
    process.on("exit", this.#onExit);
  }

  /**
   * The drain is over and its report is out. Where a signal has asked for it, and no other drain is
   * under way, the process ends, in `leftMs` at most.
   */
  drainEnded(code: number, leftMs: number): void {
    underway.delete(this);
    if (ending === undefined || isForced) return;
    ending.code = Math.max(ending.code, code);
    // An exit code that the application has set stands, unless ours says more than "clean".
    if (ending.code !== 0) process.exitCode = ending.code;
    if (underway.size > 0) return;
    if (ending.exits) void leave(Math.min(LONGEST_FLUSH, leftMs));
    else ending = undefined;
  }

  readonly #onExit = (): void => {
    process.off("exit", this.#onExit);
    const code = process.exitCode;
    this.#target.warn(
      "foreign-exit",
      `The process was ended with code ${String(code ?? 0)} in the middle of the drain, ${callerOfExit()}`,
    );
    this.#target.interrupted();
    // "exit 0" would be a lie: nobody knows what was lost.
    if (code === undefined || code === 0 || code === "0") process.exitCode = 1;
  };

  /** The drain is over, or the service is uninstalled: no trace is left on the process. */
  release(): void {
    process.off("exit", this.#onExit);
    process.off("uncaughtException", this.#onUncaught);
    // A second signal is still ours while the process is about to end.
    if (this.#isSignalled && this.#exits) return;
    for (const signal of this.#signals) process.off(signal, this.#onSignal);
  }
}

/**
 * Ends the process with its `exitCode` once what was written has left it, in `longest` milliseconds
 * at most: `process.exit` cuts a pipe at 64 KiB.
 */
async function leave(longest: number): Promise<never> {
  const flushed = Promise.all([process.stdout, process.stderr].map(flush));
  await doneBy(flushed, now() + longest);
  process.exit();
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // A reader that is gone is no reason to crash on the way out.
    stream.on("error", () => resolve());
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write("", () => resolve());
  });
}

/** A listener's name, or how its source begins: all that a function tells about where it is from. */
function nameOf(listener: (...args: never[]) => unknown): string {
  const source = listener.toString().replace(/\s+/g, " ").slice(0, 60);
  return listener.name === "" ? `\`${source}\`` : `\`${listener.name}\``;
}

/** Who called `process.exit`: its `exit` event is emitted inside that call. */
function callerOfExit(): string {
  const frames = (new Error().stack ?? "").split("\n");
  const exit = frames.findIndex((frame) => /process\.(reallyE|e)xit/.test(frame));
  const caller = exit === -1 ? undefined : frames[exit + 1];
  if (caller === undefined) return "by an error that nobody caught, or for want of anything to do";
  return `by ${caller.trim().replace(/^at /, "")}`;
}
