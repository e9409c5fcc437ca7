// load/: the load, in a process of its own (main.ts), which is told what to send and keeps the ledger. This file
// is the prover's end of it.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { CannotRunError } from "../facts/errors.js";
import type { Holder } from "../facts/holders.js";
import type { ConnectionEntry, Entry, LoadProgress } from "../facts/ledger.js";
import type { ProbeChange } from "../facts/probes.js";
import type { Noise } from "../facts/result.js";
import type { LoadCommand, LoadPlan, LoadReport, Stall } from "./protocol.js";

export interface LoadOutcome {
  readonly planned: number;
  readonly entries: readonly Entry[];
  readonly connections: readonly ConnectionEntry[];
  readonly stalls: readonly Stall[];
  readonly noise: Noise;
  readonly unfounded: readonly string[];
  readonly doubts: readonly string[];
  readonly probes: readonly ProbeChange[];
}

type Waiter = (report: LoadReport) => boolean;

/** The prover's end of the load process. */
export class Load {
  /** Rejects when the load process fails or ends by itself; never resolves. */
  readonly lost: Promise<never>;
  /** Resolves when the process can be trusted to end a service whose prover has vanished. */
  readonly ready: Promise<void>;
  readonly #process: ChildProcess;
  readonly #entries: Entry[] = [];
  #waiters: Waiter[] = [];

  constructor(onProgress: (progress: LoadProgress) => void) {
    const failed = rejectable();
    const main = fileURLToPath(new URL("main.js", import.meta.url));
    // Without the parent's own flags: an --import meant for the prover is not meant for its load.
    this.#process = fork(main, { execArgv: [], serialization: "advanced" });
    this.#process.on("message", (report: LoadReport) => {
      if (report.type === "progress") onProgress(report.progress);
      else if (report.type === "rows") this.#entries.push(...report.entries);
      else if (report.type === "fault") failed.reject(fail(report.what));
      else this.#waiters = this.#waiters.filter((isDone) => !isDone(report));
    });
    this.lost = Promise.race([failed.promise, watch(this.#process)]);
    // Its waiters race with it; without one there is none to tell.
    this.lost.catch(() => {});
    this.ready = this.#next("ready").then(() => {});
    this.ready.catch(() => {});
  }

  command(command: LoadCommand): void {
    // One that has gone is told of by its exit.
    if (this.#process.connected) this.#process.send(command, () => {});
  }

  start(plan: LoadPlan): void {
    this.command({ type: "start", plan });
  }

  /**
   * Resolves when every pool client has had an answer and the warm-up is over. Throws
   * PROVE_UNEXPECTED_ANSWER when a request is not answered as it expects.
   */
  async warm(): Promise<void> {
    refuseUnfounded(await this.#next("warm"));
  }

  /** Resolves when the special clients are in their places. Throws as `warm` does. */
  async armed(): Promise<void> {
    refuseUnfounded(await this.#next("armed"));
  }

  async holders(generation: number): Promise<readonly Holder[]> {
    const held = this.#next("held");
    this.command({ type: "hold", generation });
    return (await held).holders;
  }

  async finish(when: "unrouted" | "now"): Promise<LoadOutcome> {
    const done = this.#next("done");
    this.command({ type: "finish", when });
    const { type: _type, ...outcome } = await done;
    return { ...outcome, entries: this.#entries };
  }

  /** Ends the process. Resolves when it has gone. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }

  #next<T extends LoadReport["type"]>(type: T): Promise<Extract<LoadReport, { type: T }>> {
    const next = new Promise<Extract<LoadReport, { type: T }>>((resolve) => {
      this.#waiters.push((report) => {
        if (report.type !== type) return false;
        resolve(report as Extract<LoadReport, { type: T }>);
        return true;
      });
    });
    return Promise.race([next, this.lost]);
  }
}

function refuseUnfounded({ unfounded }: { readonly unfounded: readonly string[] }): void {
  if (unfounded.length === 0) return;
  const next = "mend the request, what it expects (--expect-status), or the service";
  throw new CannotRunError("PROVE_UNEXPECTED_ANSWER", `${listSome(unfounded)}: ${next}`);
}

const SHOWN = 3;

function listSome(texts: readonly string[]): string {
  const more = texts.length > SHOWN ? [`and ${String(texts.length - SHOWN)} more`] : [];
  return [...texts.slice(0, SHOWN), ...more].join("; ");
}

async function watch(child: ChildProcess): Promise<never> {
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  const how =
    code === null ? `it was ended by ${String(signal)}` : `it exited with code ${String(code)}`;
  throw fail(how);
}

function fail(how: string): CannotRunError {
  return new CannotRunError("PROVE_LOAD_FAILED", `the prover's own load failed: ${how}`);
}

function rejectable(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<never>((_resolve, refuse) => {
    reject = refuse;
  });
  return { promise, reject };
}
