import { msSince, nextCheckPhase, now } from "../clock.js";
import { isReason, textOf, toError } from "../errors.js";
import type { TaskReport } from "../report.js";

interface Running {
  readonly name: string;
  readonly startedAt: number;
}

/** What is told of starts. */
export interface StartsOwner {
  readonly stopping: AbortSignal;
  readonly aborting: AbortSignal;
  /** One has begun, or the last one is over and what comes next in the program has had its turn. */
  changed(): void;
}

/**
 * What a program does before it serves: migrations, connections, caches to warm. A stop that comes meanwhile waits for
 * it, as for a request in flight, and its hooks come after it.
 */
export class Starts {
  readonly #owner: StartsOwner;
  readonly #running = new Set<Running>();
  /** Those that failed or gave up since the drain began. */
  readonly #unwell: TaskReport[] = [];
  #wake: (() => void)[] = [];
  #wasTold = false;

  constructor(owner: StartsOwner) {
    this.#owner = owner;
  }

  /** Whether the program has ever told of one. */
  get wasTold(): boolean {
    return this.#wasTold;
  }

  get isUnderWay(): boolean {
    return this.#running.size > 0;
  }

  /** Follows a start to its end; the promise that it returns ends as the one it was given. */
  async follow<T>(name: string, promise: PromiseLike<T>): Promise<T> {
    const start: Running = { name, startedAt: now() };
    this.#running.add(start);
    this.#wasTold = true;
    this.#owner.changed();
    try {
      return await promise;
    } catch (thrown) {
      this.#failed(start, toError(thrown));
      throw thrown;
    } finally {
      this.#running.delete(start);
      this.#changed();
    }
  }

  /** One that fails before the stop is the program's own affair, and is no part of it. */
  #failed(start: Running, error: Error): void {
    const { stopping, aborting } = this.#owner;
    if (!stopping.aborted || !this.#running.has(start)) return;
    const wasTold = isReason(error, stopping) || isReason(error, aborting);
    const result = wasTold ? "aborted" : "failed";
    this.#unwell.push({ ...reportOf(start, result), error: textOf(error.message) });
  }

  /** The program has come to the end of its start: it wanted to listen, and the stop has begun. */
  end(): void {
    this.#running.clear();
    this.#changed();
  }

  #changed(): void {
    if (this.#running.size > 0) return;
    for (const wake of this.#wake.splice(0)) wake();
    // The program may attach a server now, and must not be called ready before that one listens.
    void nextCheckPhase().then(() => this.#owner.changed());
  }

  /**
   * Resolves when none is under way. What comes next in the program has had its turn by then: it may register a
   * hook for what it has just opened.
   */
  async whenOver(): Promise<void> {
    while (this.#running.size > 0) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
      await nextCheckPhase();
    }
  }

  /** Those that failed or gave up since the drain began, and those that are under way. */
  report(): TaskReport[] {
    return [...this.#unwell, ...[...this.#running].map((start) => reportOf(start, "left"))];
  }
}

function reportOf({ name, startedAt }: Running, result: TaskReport["result"]): TaskReport {
  return { name, result, durationMs: msSince(startedAt) };
}
