import { fixInstants, type Budget, type Instants } from "./budget.js";
import { doneBy, now, until } from "./clock.js";
import { DrainAborted } from "./errors.js";
import type { Events, WarningCode } from "./events.js";
import type { UntrackedPolicy } from "./options.js";
import type { Phase } from "./phase.js";
import type { Recorder } from "./recorder.js";
import type { InContext } from "./request/ambient.js";
import { abortRequest } from "./request/signal.js";
import { stopAccepting } from "./server/accept-queue.js";
import type { AttachedServer } from "./server/attached.js";
import { endEventStream } from "./server/endless.js";
import type { Farewells } from "./server/farewells.js";
import { LameDuck } from "./server/lame-duck.js";
import type { ProcessWatch } from "./signals.js";
import type { Hooks } from "./work/hooks.js";
import type { Tasks } from "./work/tasks.js";
import { nameAll, type Untracked } from "./work/untracked.js";

/** How long destroyed sockets may take to say so, in ms. */
const LONGEST_CLOSE = 100;

/** The parts of a service that its drain works on. */
export interface Parts {
  readonly budget: Budget;
  /** How long those may take to leave that need not leave at once, in milliseconds. */
  readonly spread: number;
  readonly servers: ReadonlySet<AttachedServer>;
  /** Aborts when the drain begins. */
  readonly stopping: AbortController;
  /** Aborts at the abort instant. */
  readonly aborting: AbortController;
  /** Aborts when somebody wants no more waiting. */
  readonly cutoff: AbortSignal;
  readonly deregister: Hooks;
  readonly hooks: Hooks;
  readonly inContext: InContext;
  readonly tasks: Tasks;
  readonly untracked: Untracked;
  readonly policy: UntrackedPolicy;
  readonly farewells: Farewells;
  readonly recorder: Recorder;
  readonly events: Events;
  readonly processWatch: ProcessWatch;
  readonly phase: () => Phase;
  enter(phase: Phase): void;
  warn(code: WarningCode, message: string): void;
}

/** One orderly stop of a service: which step comes when. The parts know how. */
export class Drain {
  readonly #parts: Parts;
  readonly #reason: string;
  readonly #hurried: boolean;
  readonly #isLameDuck: boolean;
  readonly #at: Instants;
  #lameDuck: LameDuck | undefined;

  /** It begins now. `hurried`: a person waits at a terminal, so nobody is given time to notice. */
  constructor(parts: Parts, reason: string, hurried: boolean) {
    this.#parts = parts;
    this.#reason = reason;
    this.#hurried = hurried;
    // Whoever listens may be sent traffic, also while another server of the service still starts.
    const isServing = [...parts.servers].some((each) => each.isListening);
    this.#isLameDuck = !hurried && isServing && parts.budget.lameDuckMs > 0;
    this.#at = fixInstants(parts.budget, now(), this.#isLameDuck);
  }

  /** The whole stop. Everything up to the first `await` happens in the turn of the call. */
  async run(): Promise<void> {
    const { deregister, hooks, tasks, processWatch } = this.#parts;
    this.#announce();

    await Promise.all([this.#runHooks(deregister, this.#at.abort), this.#letBalancersGo()]);
    await this.#closeListeners();
    this.#sayFarewells();

    const connections = this.#connectionsGone();
    await this.#finish(Promise.all([connections, tasks.consumersSettled]));
    await this.#cutConnections(connections);
    await this.#finish(tasks.consumersSettled);
    tasks.stopSinks();
    await this.#finish(tasks.settled);

    this.#parts.enter("closing");
    await this.#runHooks(hooks, this.#at.end);
    if (processWatch.isLast) await this.#noticeUntracked();
  }

  /** Not ready any more; every response from here on says close. */
  #announce(): void {
    const { processWatch, recorder, servers, events, stopping } = this.#parts;
    processWatch.drainBegan();
    recorder.begin(this.#reason, this.#at.start);
    this.#parts.enter(this.#isLameDuck ? "lame-duck" : "draining");
    for (const each of servers) each.begin(this.#at.lameDuckMin);
    const { inFlight, connections } = recorder.open(servers);
    events.emit("drain-start", { reason: this.#reason, inFlight, connections });
    stopping.abort();
  }

  /** Goes on serving until balancers have noticed, or had the time to. */
  async #letBalancersGo(): Promise<void> {
    const { servers, recorder, events, cutoff } = this.#parts;
    const { start, lameDuckMin, lameDuckEnd } = this.#at;
    if (!this.#isLameDuck) return until(start, cutoff);
    const bounds = { start, earliest: lameDuckMin, latest: lameDuckEnd };
    this.#lameDuck = new LameDuck(
      [...servers].map(({ visits }) => visits),
      bounds,
    );
    const report = await this.#lameDuck.wait(cutoff);
    recorder.lameDuckEnded(report);
    events.emit("lame-duck-end", report);
  }

  /** A response is over, which may bring the end of the lame duck nearer. */
  responseEnded(): void {
    this.#lameDuck?.responseEnded();
  }

  async #closeListeners(): Promise<void> {
    const { servers, cutoff, phase, events } = this.#parts;
    if (this.#hurried) for (const each of servers) each.hurry();
    const accepted = await stopAccepting([...servers], this.#at.abort, cutoff);
    if (phase() === "lame-duck") this.#parts.enter("draining");
    events.emit("listeners-closed", { accepted });
  }

  /** Half of the time there is, should others have taken more than theirs. */
  #sayFarewells(): void {
    const instant = now();
    const half = Math.max(0, this.#at.abort - instant) / 2;
    const spread = this.#hurried ? 0 : Math.min(this.#parts.spread, half);
    this.#parts.farewells.begin({ reason: this.#reason, end: instant + spread });
  }

  #connectionsGone(): Promise<unknown> {
    const servers = [...this.#parts.servers].map((each) => each.settled);
    return Promise.all([...servers, this.#parts.farewells.settled]);
  }

  /** Waits for work; at the abort instant tells all work to give up, at the cut stops waiting. */
  async #finish(work: Promise<unknown>): Promise<void> {
    const { cutoff, phase } = this.#parts;
    if (await doneBy(work, this.#at.abort, cutoff)) return;
    if (phase() === "draining") this.#abortWork();
    await doneBy(work, this.#at.cut, cutoff);
  }

  #abortWork(): void {
    const { servers, tasks, aborting, cutoff } = this.#parts;
    this.#parts.enter("aborting");
    const reason = new DrainAborted(cutoff.aborted ? 0 : Math.max(0, this.#at.cut - now()));
    for (const each of servers) {
      this.#abortRequests(each, reason);
      // Between two requests is a better moment than the cut, for clients that never pause.
      each.hurry();
    }
    // What a request has left behind is as unfinished as its response would be.
    for (const request of tasks.requests) abortRequest(request, reason);
    tasks.stopSinks();
    aborting.abort(reason);
  }

  #abortRequests({ inFlight }: AttachedServer, reason: DrainAborted): void {
    const { recorder, events } = this.#parts;
    for (const item of inFlight) {
      const report = recorder.aborted(item);
      // Whoever has the signal may still have a last event to send.
      if (report.reaction === "no signal" && endEventStream(item)) recorder.endedStream(item);
      events.emit("request-abort", report);
      abortRequest(item.req, reason);
    }
  }

  /** Destroys what is still open. After a drain that went well there is nothing. */
  async #cutConnections(gone: Promise<unknown>): Promise<void> {
    const { farewells, servers, recorder, events } = this.#parts;
    farewells.cut();
    for (const { inFlight } of servers) inFlight.forEach(endEventStream);
    for (const report of recorder.beginCut()) events.emit("request-cut", report);
    for (const each of servers) recorder.cut(each.cut());
    // Destroyed sockets close within a turn or two; Node's own clean-up comes after the last.
    await doneBy(gone, now() + LONGEST_CLOSE);
  }

  #runHooks(hooks: Hooks, end: number): Promise<unknown> {
    const { cutoff, inContext, events, recorder } = this.#parts;
    return hooks.run({
      reason: this.#reason,
      end,
      cutoff,
      inContext,
      started: (name) => events.emit("hook-start", { name, kind: hooks.kind }),
      ended: (report) => {
        recorder.hooks.push(report);
        events.emit("hook-end", report);
      },
      unknown: (hook, after) => {
        this.#parts.warn(
          "unknown-hook",
          `Hook \`${hook}\` comes after \`${after}\`, which does not exist`,
        );
      },
    });
  }

  /** Pools are closed by now: what is alive still, the exit is going to cut. */
  async #noticeUntracked(): Promise<void> {
    const { policy, untracked, recorder, cutoff } = this.#parts;
    const { end } = this.#at;
    const left = await untracked.settle(policy === "wait" ? end : 0, end, cutoff);
    recorder.untracked(left);
    if (left.length === 0) return;
    this.#parts.warn(
      "untracked-work",
      `Alive at the end of the drain, and cut by the exit: ${nameAll(left)}. Close it in a hook, or tell of it with task() or waitUntil()`,
    );
  }
}
