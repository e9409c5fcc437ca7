import { fixInstants, type Budget, type Instants } from "./budget.js";
import { doneBy, now, until } from "./clock.js";
import { DrainAbortedError } from "./errors.js";
import type { Fence } from "./fence.js";
import type { Journal } from "./journal.js";
import { isLegal, type UntrackedPolicy } from "./phase.js";
import type { Seat, Told } from "./process/one-process.js";
import type { Registries } from "./registries/registries.js";
import { abortRequest } from "./request/signal.js";
import type { AttachedServer } from "./server/attached.js";
import type { Traffic } from "./server/traffic.js";
import type { Life } from "./service/life.js";
import type { ServiceHooks } from "./work/service-hooks.js";
import type { Work } from "./work/work.js";

/** How long after its window a step is waited for that ought to have ended with it, in ms. */
const OVERTIME = 250;

/** What takes part in the drain of a service: each knows how its own steps are done. */
export interface Participants {
  readonly life: Life;
  readonly traffic: Traffic;
  readonly registries: Registries;
  readonly hooks: ServiceHooks;
  readonly work: Work;
  readonly process: Seat;
  readonly journal: Journal;
  readonly fence: Fence;
}

/** What the options say of a drain. */
export interface Terms {
  readonly budget: Budget;
  /** How long those may take to leave that need not leave at once, in milliseconds. */
  readonly closeSpread: number;
  readonly untracked: UntrackedPolicy;
}

/**
 * One orderly stop of a service: which step comes when. Those that take part know how. A step that throws, or does not
 * end with its window, stands in the report, and the next one comes.
 */
export class Drain {
  readonly #with: Participants;
  readonly #terms: Terms;
  readonly #told: Told;
  readonly #isLameDuck: boolean;
  readonly #at: Instants;
  /** The steps under way. */
  readonly #steps = new Set<string>();
  #isGivenUp = false;

  /** It begins at once. */
  constructor(participants: Participants, terms: Terms, told: Told) {
    this.#with = participants;
    this.#terms = terms;
    this.#told = told;
    const { traffic, registries, hooks } = participants;
    // A hook that waits for the lame duck's end has something to serve that lastcall does not see.
    const isServing = traffic.isServing || hooks.hasServers;
    const hasReaders = terms.budget.lameDuckMs > 0 || registries.settle > 0;
    this.#isLameDuck = !told.isHurried && isServing && hasReaders;
    this.#at = fixInstants(terms.budget, told.at, this.#isLameDuck, told);
    hooks.begin(told.reason, this.#at);
  }

  /**
   * The whole stop. Everything up to the first `await` happens in the turn of the call. Never rejects, and
   * is over within half of the margin, whatever hangs; without a margin it has what the cut may take.
   */
  async run(): Promise<void> {
    const { life, traffic, journal, fence } = this.#with;
    const { start, cut, end, deadline } = this.#at;
    const latest = Math.max(end + (deadline - end) / 2, cut + OVERTIME);
    journal.tell("begin", { told: this.#told, start });
    const work = fence.step("drain", () => this.#run());
    if (!(await doneBy(work, latest))) this.#giveUp();
    traffic.end();
    // Where a fault has kept it from one of them.
    for (const phase of ["draining", "closing"] as const) {
      if (isLegal(life.phase, phase)) life.enter(phase);
    }
  }

  async #run(): Promise<void> {
    const { traffic, registries, hooks, work, process } = this.#with;
    const { lameDuckEnd, abort, cut, end } = this.#at;
    const closingEnd = end - hooks.lastMs;
    this.#announce();

    await Promise.all([
      this.#step("leave the registries", abort, () => this.#leaveRegistries()),
      this.#step("lame duck", registries.isEmpty ? lameDuckEnd : abort, () =>
        this.#letBalancersGo(),
      ),
    ]);
    await this.#step("close the listeners", abort, () => this.#closeListeners());
    this.#endLameDuck();
    await this.#step("say goodbyes", abort, () => this.#sayGoodbyes());

    const connections = traffic.gone();
    await this.#step("finish", cut, async () => {
      const others = hooks.run("draining", cut);
      await this.#finish(Promise.all([connections, work.finished, others]));
      // One that hangs is given up at the cut too, and has to stand in the report.
      await Promise.all([others, hooks.lateSettled]);
    });
    await this.#step("cut connections", cut, () => traffic.cut(connections, cut, end));
    await this.#step("finish consumers", cut, () => this.#finish(work.tasks.consumersSettled));
    await this.#step("finish tasks", cut, () => this.#finishSinks());
    await this.#step("hand over", cut, () => process.worker.handedOver());
    await this.#step("workers", cut, () => process.followers.leave(cut, this.#cutoff));

    await this.#step("hooks", closingEnd, () => this.#close(closingEnd));
    await this.#step("last hooks", end, () => hooks.run("last", end));
    if (process.isLast) await this.#step("untracked", end, () => this.#noticeUntracked());
  }

  /** One step, which has `latest` to end by itself, and a little more to end because it was told to. */
  async #step(name: string, latest: number, run: () => unknown): Promise<void> {
    if (this.#isGivenUp) return;
    const { fence } = this.#with;
    this.#steps.add(name);
    const work = fence.step(name, run);
    const isDone =
      (await doneBy(work, latest, this.#cutoff)) || (await doneBy(work, now() + OVERTIME));
    if (!isDone) fence.outlasted(name);
    this.#steps.delete(name);
  }

  get #cutoff(): AbortSignal {
    return this.#with.life.cutoff.signal;
  }

  /** What hangs is left behind; what is open is cut. */
  #giveUp(): void {
    this.#isGivenUp = true;
    const { fence, traffic } = this.#with;
    for (const step of ["drain", ...this.#steps]) fence.outlasted(step);
    traffic.giveUp();
  }

  /** Not ready any more; every response from here on says close. */
  #announce(): void {
    const { life, traffic, process, journal, fence } = this.#with;
    const { reason } = this.#told;
    const attempt = (run: () => void): void => fence.attempt("announce", run);
    attempt(() => process.drainBegan());
    attempt(() => process.passOn(this.#told));
    life.enter(this.#isLameDuck ? "lame-duck" : "draining");
    traffic.begin(this.#at.lameDuckMin, attempt);
    attempt(() => {
      const open = traffic.count();
      const { inFlight, connections } = open;
      journal.tell("open", open);
      journal.tell("drain-start", { reason, inFlight, connections });
    });
    life.stopping.abort();
  }

  /** From the moment of the signal, all at once. Their readers are what the lame duck lasts for. */
  #leaveRegistries(): Promise<void> {
    const { start, abort } = this.#at;
    const stop = { start, latest: abort, settles: this.#isLameDuck, cutoff: this.#cutoff };
    return this.#with.registries.leave(stop);
  }

  /** Goes on serving until balancers have noticed, or had the time to. */
  #letBalancersGo(): Promise<unknown> {
    const { start, lameDuckMin: earliest, lameDuckEnd: latest } = this.#at;
    if (!this.#isLameDuck) return until(start, this.#cutoff);
    const { traffic, process } = this.#with;
    return traffic.letBalancersGo({ start, earliest, latest }, process.worker);
  }

  /** A server is attached while the drain runs: it binds nothing, or, where it listens, stops with the others. */
  attached(server: AttachedServer): void {
    server.begin(this.#at.lameDuckMin);
    if (this.#with.life.phase !== "lame-duck") server.stopAccepting();
  }

  async #closeListeners(): Promise<void> {
    const { traffic, process, journal } = this.#with;
    const { isHurried } = this.#told;
    const accepted = await traffic.closeListeners(this.#at.abort, isHurried, process.worker);
    this.#endLameDuck();
    journal.tell("listeners-closed", { accepted });
  }

  #endLameDuck(): void {
    const { life } = this.#with;
    if (life.phase === "lame-duck") life.enter("draining");
  }

  /** Half of the time there is, should others have taken more than theirs. */
  #sayGoodbyes(): Promise<void> {
    const instant = now();
    const half = Math.max(0, this.#at.abort - instant) / 2;
    const { reason, isHurried } = this.#told;
    const closeSpread = isHurried ? 0 : Math.min(this.#terms.closeSpread, half);
    return this.#with.traffic.sayGoodbyes({ reason, end: instant + closeSpread });
  }

  /** Waits for work; at the abort instant tells all work to give up, at the cut stops waiting. */
  async #finish(work: Promise<unknown>): Promise<void> {
    if (await doneBy(work, this.#at.abort, this.#cutoff)) return;
    if (this.#with.life.phase === "draining") this.#abortWork();
    await doneBy(work, this.#at.cut, this.#cutoff);
  }

  /** Tells everything to give up. What throws when it is told keeps nothing else from being told. */
  #abortWork(): void {
    const { life, traffic, work, fence } = this.#with;
    life.enter("aborting");
    const leftMs = this.#cutoff.aborted ? 0 : Math.max(0, this.#at.cut - now());
    const reason = new DrainAbortedError(leftMs);
    const attempt = (run: () => void): void => fence.attempt("abort", run);
    traffic.abort(reason, attempt);
    // What a request has left behind is as unfinished as its response would be.
    for (const request of work.tasks.requests) attempt(() => abortRequest(request, reason, fence));
    work.tasks.stopSinks();
    life.aborting.abort(reason);
  }

  /** Nothing is left that could hand work to a sink. */
  #finishSinks(): Promise<void> {
    const { tasks } = this.#with.work;
    tasks.stopSinks();
    return this.#finish(tasks.settled);
  }

  #close(end: number): Promise<unknown> {
    const { life, hooks } = this.#with;
    life.enter("closing");
    return hooks.run("closing", end);
  }

  #noticeUntracked(): Promise<void> {
    return this.#with.work.noticeUntracked(this.#terms.untracked, this.#at.end);
  }
}
