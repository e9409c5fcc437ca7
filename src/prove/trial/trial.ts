// trial/: one start, load and stop of the service, or one command under load, from beginning to conclusion.
import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration } from "../facts/duration.js";
import type { EffectCounts } from "../facts/effects.js";
import { CannotRunError } from "../facts/errors.js";
import type { LoadProgress } from "../facts/ledger.js";
import type { TrialResult } from "../facts/result.js";
import type { OutputLine } from "../facts/stop.js";
import type { RequestRow } from "../facts/row.js";
import type { Target } from "../load/protocol.js";
import { Load } from "../load/start.js";
import type { Started } from "../machine/group.js";
import type { ProveProgress } from "../options/options.js";
import type { ResolvedOptions } from "../options/resolve.js";
import { portOf } from "../request/address.js";
import { askEffects } from "../subject/effects.js";
import { untilAnswered } from "../subject/answer.js";
import type { Readiness } from "../subject/ready.js";
import type { Subject } from "../subject/subject.js";
import { planLoad } from "./plan.js";

export interface TrialContext {
  readonly trial: number;
  readonly seed: number;
  readonly onPhase: (phase: ProveProgress["phase"], load: LoadProgress | null) => void;
  readonly onRequest: (row: RequestRow) => void;
  readonly onOutput: (line: OutputLine) => void;
}

/** What every trial has, whatever it points at: its load process and the services under it. */
export abstract class Trial<Result = TrialResult> {
  protected readonly options: ResolvedOptions;
  protected readonly context: TrialContext;
  protected readonly load: Load;
  readonly #subjects = new Set<Subject>();
  #phase: ProveProgress["phase"] = "starting";
  /** Aborts when the trial is over. */
  readonly #over = new AbortController();

  constructor(options: ResolvedOptions, context: TrialContext) {
    this.options = options;
    this.context = context;
    this.load = new Load((progress) => context.onPhase(this.#phase, progress));
  }

  /** Rejects with a CannotRunError when there is no verdict. */
  abstract run(): Promise<Result>;

  /** Leaves nothing behind: no process that was started here. */
  async close(): Promise<void> {
    this.#over.abort();
    await Promise.all([...this.#subjects].map((subject) => subject.close()));
    await this.load.close();
  }

  protected get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  protected enter(phase: ProveProgress["phase"]): void {
    this.#phase = phase;
    this.context.onPhase(phase, null);
  }

  /** Starts the load process's work: it sends nothing before it has a route. */
  protected async prepareLoad(): Promise<void> {
    await this.load.ready;
    this.load.start(planLoad(this.options, this.context.trial, this.context.seed));
  }

  /** Has it ended with the prover, should that vanish. */
  protected readonly guard = (started: Started): void => {
    this.load.command({ type: "guard", started });
  };

  /** Has it ended with the trial. */
  protected async own(subject: Subject): Promise<void> {
    this.#subjects.add(subject);
    if (this.isOver) await subject.close();
  }

  /** All of its group has gone: its id may soon be another process's, and must not be killed. */
  protected disown(subject: Subject): void {
    this.#subjects.delete(subject);
    const { started } = subject;
    if (started !== null) this.load.command({ type: "unguard", started });
  }

  /** Takes a service that runs already, once it answers. */
  protected async answered(subject: Subject): Promise<void> {
    await this.own(subject);
    const { address } = subject;
    await this.alive(subject, untilAnswered({ ...this.question(subject), address }));
  }

  /** What is asked of a service until it answers. */
  protected question(subject: Subject): Readiness {
    const { requests, h2, tls, startTimeout: timeoutMs } = this.options;
    const isWanted = (): boolean => !this.isOver && !subject.hasExited;
    return { requests, h2, tls, timeoutMs, isWanted };
  }

  /** Sends the load to the service. Resolves when every client of the pool has had an answer. */
  protected async warm(subject: Subject): Promise<void> {
    this.load.command({ type: "route", targets: [targetOf(subject)] });
    this.enter("loading");
    await this.alive(subject, this.#warmed());
  }

  /** Asks what the load's requests left behind. */
  protected async askEffects({ address }: Subject): Promise<EffectCounts | null> {
    const { effects, env } = this.options;
    if (effects === null) return null;
    const { signal: abort } = this.#over;
    const asking = { env: { ...env, PORT: portOf(address) }, guard: this.guard, abort };
    return askEffects(effects, asking);
  }

  /** Waits for something that needs the service alive. */
  protected async alive<T>(subject: Subject, wish: Promise<T>): Promise<T> {
    try {
      const died = subject.exit.then(() => null);
      const granted = wish.then((value) => ({ value }));
      const first = await Promise.race([granted, died, this.load.lost]);
      // What it has left behind may grant wishes too.
      if (first !== null && !subject.hasExited) return first.value;
      const text = await subject.explainExit(await subject.exit);
      throw new CannotRunError("PROVE_EXITED_EARLY", text);
    } catch (error) {
      throw error instanceof CannotRunError ? await addOutput(error, subject) : error;
    }
  }

  async #warmed(): Promise<void> {
    const { warmup, startTimeout } = this.options;
    const late = sleep(warmup + startTimeout, true, { ref: false });
    if ((await Promise.race([this.load.warm(), late])) !== true) return;
    const text = `not every client of the load was answered within ${formatDuration(warmup + startTimeout)}`;
    throw new CannotRunError("PROVE_NEVER_ANSWERED", text);
  }
}

/** What the load has to know of it. */
export function targetOf({ generation, address }: Subject): Target {
  return { generation, address };
}

async function addOutput(error: CannotRunError, subject: Subject): Promise<CannotRunError> {
  const words = await subject.describeOutput();
  if (words === "") return error;
  return new CannotRunError(error.code, `${error.message}. ${words}`, { cause: error });
}
