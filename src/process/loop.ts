import type { EventLoopUtilization } from "node:perf_hooks";

import { now, repeat } from "../clock.js";

/** How often the loop is looked at while nothing is expected, in ms: five times a second cost nothing that can be measured. */
const BEAT = 200;

/** How often right after a signal, in ms: the next one is judged by when it can have come at the earliest. */
const CLOSE_BEAT = 10;

/** A beat may be late by this much, in ms, without the loop having been blocked. */
const SLACK = 50;

/**
 * Knows when the event loop last turned. A signal is seen when the loop turns again, and may have come at any
 * time since; a platform counts its grace period from when it sent the signal.
 */
export class Loop {
  #last = look();
  #beat = BEAT;
  #stop: (() => void) | undefined;

  start(): void {
    this.#last = look();
    this.#setBeat(BEAT);
  }

  /** Looks more often: a signal has come, and others may follow within milliseconds. */
  watchClosely(): void {
    this.#setBeat(CLOSE_BEAT);
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #setBeat(beat: number): void {
    this.stop();
    this.#beat = beat;
    this.#stop = repeat(beat, look, (looked) => {
      this.#last = looked;
    });
  }

  /**
   * How long the loop has not turned, in ms, whatever kept it: work of its own, other processes on a busy machine, a limit of
   * its container, SIGSTOP. 0 as long as it turns.
   */
  get silentMs(): number {
    if (this.#stop === undefined) return 0;
    const silent = now() - this.#last.at - this.#beat;
    return silent <= SLACK ? 0 : silent;
  }

  /** For how much of that it had work of its own: a process that was stopped, or whose timers a test has replaced, was not blocked. */
  get blockedMs(): number {
    return Math.min(this.silentMs, utilization(this.#last.utilization).active);
  }
}

/** The loop at an instant. */
interface Look {
  readonly at: number;
  readonly utilization: EventLoopUtilization;
}

function look(): Look {
  return { at: now(), utilization: utilization() };
}

const UNKNOWN: EventLoopUtilization = { idle: 0, active: 0, utilization: 0 };

/** Bun has none. `attach` refuses it by name, and has to get that far. */
function utilization(since?: EventLoopUtilization): EventLoopUtilization {
  return performance.eventLoopUtilization?.(since) ?? UNKNOWN;
}
