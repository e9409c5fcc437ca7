import { shrinkBudget, type Budget } from "../budget.js";
import { now } from "../clock.js";
import { Drain, type Participants } from "../drain.js";
import type { Settings } from "../options/settings.js";
import { theProcess, type Seat, type Stoppable, type Told } from "../process/one-process.js";
import { explainSignal } from "../process/signals/explain-signal.js";
import type { Telling } from "../process/signals/telling.js";
import { findWatcher } from "../process/watcher.js";
import type { Probes } from "../probes/probes.js";
import { EXIT_CODES, type DrainReport, type SignalEffect, type SignalReport } from "../report.js";
import type { AttachedServer } from "../server/attached.js";
import type { Goodbyes } from "../server/goodbyes/goodbyes.js";
import type { ServersInCare } from "../server/in-care.js";
import type { Readiness } from "./readiness.js";
import { Reports } from "./reports.js";

/** No prober gives up on a process within this time, in milliseconds. */
const SHORT_SILENCE = 1_000;

/** What a drain takes at most in development, in milliseconds: a reload is to feel instant. */
const LONGEST_RELOAD = 2_000;

/** What is stopped, and what has a say in it. */
export interface Stopped extends Omit<Participants, "process"> {
  readonly settings: Settings;
  readonly closeSpread: number;
  readonly servers: ServersInCare;
  readonly goodbyes: Goodbyes;
  readonly probes: Probes | undefined;
  readonly readiness: Readiness;
}

/** The one stop of a service: what begins it, and what follows from its end. Its sequence is in `drain.ts`. */
export class Stop {
  readonly #of: Stopped;
  readonly #process: Seat;
  readonly #reports: Reports;
  /** As the options say. */
  readonly #plan: Budget;
  /** As it is now: PM2 or a cluster's primary may leave less. */
  #budget: Budget;
  #draining: Promise<DrainReport> | undefined;
  #running: Drain | undefined;

  /** It listens for signals from here on. `plan`: the budget as the options say. */
  constructor(stopped: Stopped, plan: Budget) {
    this.#of = stopped;
    this.#plan = plan;
    this.#budget = plan;
    this.#reports = new Reports(stopped, {
      budget: () => this.#budget,
      workers: () => this.#process.followers.report(),
    });
    this.#process = theProcess().enter(this.#asStoppable());
  }

  /** What the process needs of this service. */
  #asStoppable(): Stoppable {
    const { settings, servers, life, journal, fence } = this.#of;
    const { signals, repeatWindow, exit: exits } = settings;
    return {
      signals,
      repeatWindow,
      exits,
      outlivesException: settings.uncaughtException === "drain",
      budget: () => this.#budget,
      grant: (graceMs) => {
        this.#budget = shrinkBudget(this.#plan, graceMs);
      },
      stop: (told) => void this.begin(settings.development === false ? told : this.#hurry(told)),
      adopt: (server) => servers.attach(server, {}),
      abort: () => this.abort(),
      warn: (code, message) => journal.warn(code, message),
      attempt: (step, run) => fence.attempt(step, run),
      signalled: (telling, effect) => this.#signalled(telling, effect),
      threw: (error) => {
        journal.tell("threw", error);
        journal.warn("uncaught-exception", error.message);
      },
      interrupted: (code) => {
        journal.tell("interrupted", { code });
        this.#reports.deliverNow(this.#reports.make());
      },
      finishReport: () => this.#reports.finish()?.exitCode ?? undefined,
      conclude: () => this.#conclude(),
      lastWord: () => this.#reports.lastWord(life.phase),
    };
  }

  get budget(): Budget {
    return this.#budget;
  }

  get process(): Seat {
    return this.#process;
  }

  /** Whether a drain has begun. */
  get hasBegun(): boolean {
    return this.#draining !== undefined;
  }

  /** Begins the drain, or joins it. Never rejects. */
  begin(told: Told): Promise<DrainReport> {
    if (this.#draining === undefined) {
      let join!: (report: Promise<DrainReport>) => void;
      // Before any listener is told of it: a listener that calls drain() must join, and not begin another.
      this.#draining = new Promise((resolve) => {
        join = resolve;
      });
      join(this.#run(told));
    }
    return this.#draining;
  }

  /** As {@link Service.drain}. */
  drain(reason: string): Promise<DrainReport> {
    if (!this.hasBegun) this.#of.life.refuseWhenUninstalled("drain");
    return this.begin({ reason, at: now(), isHurried: false, blockedMs: 0 });
  }

  /** As {@link Service.abort}. */
  abort(): Promise<DrainReport> {
    this.#of.life.cutoff.abort();
    return this.drain("abort");
  }

  async #run(told: Told): Promise<DrainReport> {
    const { settings, servers, closeSpread } = this.#of;
    servers.refuse();
    this.#noteUntoldStart();
    const terms = { budget: this.#budget, closeSpread, untracked: settings.untracked };
    this.#running = new Drain({ ...this.#of, process: this.#process }, terms, told);
    await this.#running.run();
    return this.#close();
  }

  /** A server is attached while the drain runs. */
  attached(server: AttachedServer): void {
    this.#running?.attached(server);
  }

  /** Whether a start was cut is not known where the program has not told of it. */
  #noteUntoldStart(): void {
    const { readiness, servers, hooks, work, journal } = this.#of;
    // A cluster's primary has no server of its own.
    if (!this.#process.followers.isEmpty) return;
    if (readiness.wasReady || work.isTold) return;
    if (servers.current.size === 0 && !hooks.hasClosing) return;
    journal.warn(
      "never-ready",
      "The stop came before the service was ready, and whether that cut its start is not known: no start was told of with service.starting()",
    );
  }

  /** With its listener an attached server's liveness is gone, and what goes on asking may kill the process for it. */
  #noteRefusedLiveness(): void {
    const { life, probes, journal } = this.#of;
    const { closedMs } = life;
    if (closedMs < SHORT_SILENCE || probes?.wasAskedAlive(now() - closedMs) !== true) return;
    journal.warn(
      "liveness-refused",
      `Liveness was asked on an attached server, which listened no longer for the last ${(closedMs / 1_000).toFixed(1)} s of the drain. Give the probes a port of their own: \`probes.port\``,
    );
  }

  #close(): DrainReport {
    const { life, fence } = this.#of;
    fence.attempt("close", () => {
      life.enter("closed");
      this.#noteRefusedLiveness();
    });
    const servers = [...this.#of.servers.current];
    // Before the report is made, which says what went wrong there too.
    this.release();
    const make = (): DrainReport =>
      this.#reports.makeLast(servers, (code) => this.#process.exitCode(code));
    const report = make();
    // Before any listener gets it, and can change it.
    const { outcome, durationMs, exitCode } = report;
    // A listener may still make a clean end another one: it sets the process' exit code.
    const latest = outcome === "clean" && exitCode !== null ? make : undefined;
    let last = report;
    fence.attempt("deliver the report", () => {
      last = this.#reports.deliver(report, latest);
    });
    const { gracePeriodMs, marginMs } = this.#budget;
    // Half of the margin, or a reader that does not read would keep the process open until it is killed.
    const leftMs = gracePeriodMs - marginMs / 2 - durationMs;
    const code = exitCode ?? EXIT_CODES[outcome];
    fence.attempt("exit", () => this.#process.drainEnded(code, leftMs));
    return last;
  }

  /** The process ends before it can be waited for. */
  #conclude(): number | undefined {
    const { life, servers } = this.#of;
    life.enter("closed");
    const report = this.#reports.makeLast([...servers.current], (code) =>
      this.#process.exitCode(code),
    );
    this.#reports.deliverNow(report);
    return report.exitCode ?? undefined;
  }

  /** In development someone waits for the successor, and no balancer has to notice anything. */
  #hurry(told: Told): Told {
    const { settings, journal } = this.#of;
    const watcher = findWatcher();
    if (watcher === undefined && settings.development !== true) return told;
    journal.warn(
      "development-reload",
      `${watcher === undefined ? "The option `development` is set" : `${watcher} runs the process`}: no lame duck, and no more than ${LONGEST_RELOAD} ms`,
    );
    return { ...told, isHurried: true, longestMs: LONGEST_RELOAD };
  }

  /** A signal has come; listeners hear of it before anything follows. */
  #signalled({ signal, from, by }: Telling, effect: SignalEffect): void {
    const { journal } = this.#of;
    const report: SignalReport = { signal, atMs: journal.elapsed, from, effect };
    if (by !== undefined) report.by = by;
    const warning = explainSignal(report, journal.signals[0] ?? report, this.#budget);
    if (warning !== undefined) journal.warn(warning.code, warning.message);
    journal.tell("signal", report);
  }

  /** Takes everything back. */
  release(): void {
    const { life, fence, probes, registries, servers, goodbyes } = this.#of;
    if (life.isUninstalled) return;
    life.uninstall();
    const attempt = (run: () => void): void => fence.attempt("uninstall", run);
    attempt(() => this.#process.release());
    attempt(() => registries.ready(false));
    attempt(() => probes?.close());
    servers.release(this.hasBegun, attempt);
    attempt(() => goodbyes.release());
  }
}
