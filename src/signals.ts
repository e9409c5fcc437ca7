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

/** What a process' end needs of a service. */
export interface Stoppable {
  /** Drains; resolves to the exit code when all is done. Never rejects. */
  stop(signal: NodeJS.Signals, fromTerminal: boolean): Promise<number>;
  /** Cuts; resolves when that is done. */
  abort(): Promise<unknown>;
  warn(code: WarningCode, message: string): void;
  /** The process threw something that nobody caught, during the drain. */
  threw(error: Error): void;
  /** Somebody else ends the process in the middle of the drain. */
  interrupted(): void;
}

/** A second signal must be obeyed within 100 ms; this much of it may go into the report. */
const LONGEST_ABORT = 50;

/** How long a reader that does not read may hold the exit, in ms. */
const LONGEST_FLUSH = 500;

/**
 * Drains that a signal has started in this process, by whichever service. There is one process, and
 * the service that is done first must not end it under the others.
 */
const underway = new Set<ProcessWatch>();
let exitCode = 0;

/** Signal listeners of this module, so that one service does not call another's foreign. */
const ours = new WeakSet<object>();

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
    if (this.#isSignalled) void this.#leaveNow(signal);
    else void this.#drain(signal);
  };

  async #drain(signal: NodeJS.Signals): Promise<void> {
    this.#isSignalled = true;
    underway.add(this);
    process.on("uncaughtException", this.#onUncaught);
    this.#noteForeignListeners(signal);
    // Only a person at a terminal is in a hurry; a platform may be configured to send SIGINT too.
    const code = await this.#target.stop(signal, signal === "SIGINT" && tty.isatty(0));
    underway.delete(this);
    exitCode = Math.max(exitCode, code);
    process.exitCode = exitCode;
    if (this.#exits && underway.size === 0) await leave(exitCode);
  }

  async #leaveNow(signal: NodeJS.Signals): Promise<void> {
    const code = 128 + os.constants.signals[signal];
    await doneBy(this.#target.abort(), now() + LONGEST_ABORT);
    process.exit(code);
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
    process.stderr.write(`Uncaught during the drain, which goes on: ${error.stack}\n`);
    this.#target.threw(error);
  };

  /** Watches for somebody who ends the process in the middle of the drain. */
  drainBegan(): void {
    process.on("exit", this.#onExit);
  }

  readonly #onExit = (): void => {
    process.off("exit", this.#onExit);
    const code = process.exitCode;
    this.#target.warn(
      "foreign-exit",
      `The process was ended with code ${String(code ?? 0)} in the middle of the drain, by ${callerOfExit()}`,
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

/** Ends the process once what was written has left it: `process.exit` cuts a pipe at 64 KiB. */
async function leave(code: number): Promise<never> {
  const flushed = Promise.all([process.stdout, process.stderr].map(flush));
  await doneBy(flushed, now() + LONGEST_FLUSH);
  process.exit(code);
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
  const frames = (new Error().stack ?? "").split("\n").slice(1);
  const exit = frames.findIndex((frame) => /process\.(reallyE|e)xit/.test(frame));
  return frames[exit + 1]?.trim().replace(/^at /, "") ?? "an unknown caller";
}
