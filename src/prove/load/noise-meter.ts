import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { Noise } from "../facts/result.js";
import { now } from "../machine/now.js";
import type { Stall } from "./protocol.js";
import { readPortUse, readProc } from "./wire/ports.js";

const BEAT_MS = 25;
// A client's own network makes shorter pauses too.
const PAUSE_MS = 250;
// A client held up for longer than a service may rightly linger is no judge of it.
const MIN_STALL_MS = 500;

/** What the kernel has counted so far, in milliseconds. */
interface CpuCounters {
  readonly waited: number | null;
  readonly pressed: number | null;
}

/**
 * Measures what holds this process up: a client that does not get to run sends on connections the
 * service has long closed, and would blame it for that.
 */
export class NoiseMeter {
  /** When it did not get to run, since the process began. */
  readonly stalls: Stall[] = [];
  #lag: RecordableHistogram = createHistogram();
  #heldUpMs = 0;
  #beganAt = now();
  #before: CpuCounters = readCpu();
  #last = now();

  constructor() {
    setInterval(() => this.#beat(), BEAT_MS).unref();
  }

  /** Measures from now on. */
  begin(): void {
    this.#lag = createHistogram();
    this.#heldUpMs = 0;
    this.#beganAt = now();
    this.#before = readCpu();
  }

  /** What was measured since. `lateness` in microseconds, of an open loop; `ports` of the services. */
  read(lateness: RecordableHistogram | null, ports: readonly number[]): Noise {
    // The pause that may just have ended counts too.
    this.#beat();
    const windowMs = Math.max(1, now() - this.#beganAt);
    const cpu = readCpu();
    const share = (key: keyof CpuCounters): number | null => {
      const [from, to] = [this.#before[key], cpu[key]];
      return from === null || to === null
        ? null
        : round(Math.min(1, (to - from) / windowMs), 1_000);
    };
    return {
      windowMs: round(windowMs, 10),
      cpuWaitShare: share("waited"),
      cpuPressureShare: share("pressed"),
      heldUpMs: round(this.#heldUpMs, 10),
      loopLagP99Ms: round(this.#lag.percentile(99) / 1_000, 10),
      loopLagMaxMs: round(this.#lag.max / 1_000, 10),
      lateP99Ms: lateness === null ? null : round(lateness.percentile(99) / 1_000, 10),
      ...readPortUse(ports),
    };
  }

  #beat(): void {
    const beat = now();
    const late = Math.max(0, beat - this.#last - BEAT_MS);
    this.#lag.record(Math.max(1, Math.round(late * 1_000)));
    // What was late before the measurement began is not its affair.
    if (late > PAUSE_MS) this.#heldUpMs += Math.min(late, beat - this.#beganAt);
    if (beat - this.#last > MIN_STALL_MS) this.stalls.push({ from: this.#last, to: beat });
    this.#last = beat;
  }
}

function readCpu(): CpuCounters {
  // Time on a CPU, time waiting for one, in nanoseconds (Documentation/scheduler/sched-stats.rst).
  const waited = /^\d+ (\d+) /.exec(readProc("/proc/self/schedstat"))?.[1];
  // Time in which some task waited, in microseconds (Documentation/accounting/psi.rst).
  const pressed = /^some .*total=(\d+)/m.exec(readProc("/proc/pressure/cpu"))?.[1];
  return {
    waited: waited === undefined ? null : Number(waited) / 1e6,
    pressed: pressed === undefined ? null : Number(pressed) / 1e3,
  };
}

function round(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
