import { isMainThread, Worker } from "node:worker_threads";

import { now } from "../../clock.js";

/** Cells of the memory that both threads see. */
const CELLS = { wake: 0, exitListener: 1 } as const;

/** What the watchdog's thread is told last, and says when it has to act. */
interface Word {
  /** A line for stderr: the report, as far as it is known. */
  readonly line: string;
  /** Listeners of `exit` that run one after the other from here on. */
  readonly exitListeners?: readonly string[];
}

/**
 * The thread. It waits for the deadline outside of the event loop, so that neither a blocked loop nor a listener of `exit`
 * nor an attached debugger can keep it from acting; then it says what it was told last and ends the process by SIGKILL, the only
 * way that is left. Woken before, it is gone.
 */
const THREAD = `
const { parentPort, receiveMessageOnPort, workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const { cells, deadline, budget } = workerData;
const leftMs = Math.max(0, Number(deadline - process.hrtime.bigint()) / 1e6);
if (Atomics.wait(cells, ${CELLS.wake}, 0, leftMs) === "timed-out") {
  let word;
  for (let next; (next = receiveMessageOnPort(parentPort)) !== undefined; ) word = next.message;
  const running = word?.exitListeners?.[Atomics.load(cells, ${CELLS.exitListener}) - 1];
  const by = running === undefined ? "" : "; the exit listener that did not end: " + running;
  const text = word?.exitListeners === undefined
    ? (word?.line ?? "")
    : "lastcall: killed at the deadline of " + budget + " ms, after its report" + by + "\\n";
  try { writeSync(2, text); } catch {}
  process.kill(process.pid, "SIGKILL");
}
`;

/** Services that are told by one signal have one deadline, though each is told a moment after the other; in ms. */
const SAME = 50;

/** The smallest that Node starts in: the thread waits and writes one line. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

/**
 * The dead man's switch: ends the process at the deadline, whatever hangs. Armed as the first step of a drain that ends the process.
 */
export class Watchdog {
  #worker: Worker | undefined;
  #cells: Int32Array | undefined;
  #deadline = Number.NEGATIVE_INFINITY;

  /**
   * From here on the process is gone at `deadline`, unless it ends before. Of several, one for each service, the latest
   * counts. `failed`: no thread can be started here (Node's permission model, a limit of processes).
   */
  arm(deadline: number, budgetMs: number, failed: (error: Error) => void): void {
    // SIGKILL ends the process, which is the main thread's: a thread that hangs is ended by the service there.
    if (!isMainThread) return;
    if (deadline <= this.#deadline + SAME) return;
    this.disarm();
    this.#deadline = deadline;
    const cells = new Int32Array(new SharedArrayBuffer(8));
    // On the one clock that threads share: a busy machine takes its time to start this one.
    const afterMs = Math.max(0, deadline - now());
    const deadlineNs = process.hrtime.bigint() + BigInt(Math.round(afterMs * 1e6));
    try {
      this.#worker = new Worker(THREAD, {
        eval: true,
        // Neither the preloads nor the options of the program: they would run once more in it.
        env: {},
        execArgv: [],
        name: "lastcall",
        // Not piped into the program's own: it writes to the descriptor, and listeners there are noticed.
        stdout: true,
        stderr: true,
        resourceLimits: LIMITS,
        workerData: { cells, deadline: deadlineNs, budget: budgetMs },
      });
      this.#cells = cells;
      this.#worker.on("error", failed);
      this.#worker.unref();
    } catch (error) {
      failed(error as Error);
    }
  }

  /** What to say on stderr, should it have to act. */
  tell(word: Word): void {
    this.#worker?.postMessage(word);
  }

  /** A listener of `exit` begins. */
  readonly mark = (index: number): void => {
    if (this.#cells !== undefined) Atomics.store(this.#cells, CELLS.exitListener, index + 1);
  };

  disarm(): void {
    if (this.#cells !== undefined) {
      Atomics.store(this.#cells, CELLS.wake, 1);
      Atomics.notify(this.#cells, CELLS.wake);
    }
    this.#worker = undefined;
    this.#cells = undefined;
    this.#deadline = Number.NEGATIVE_INFINITY;
  }
}
