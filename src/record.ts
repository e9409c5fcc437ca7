import { msSince } from "./clock.js";
import type { ServiceEvents } from "./events.js";
import type { Fault } from "./fence.js";
import type { Outcome, UntrackedPolicy } from "./phase.js";
import type { Told } from "./process/one-process.js";
import {
  judge,
  type DrainReport,
  type FaultReport,
  type HookReport,
  type LameDuckReport,
  type RequestReport,
  type SignalReport,
  type StallReport,
  type UntrackedReport,
} from "./report.js";
import type { InFlight } from "./server/connection/in-flight.js";

/** A signal may be sent in a loop; more of them tell nothing new. */
const MOST_SIGNALS = 50;

/** Of one code, or of one step; more of the same tell nothing new. */
const MOST_WARNINGS = 20;

/** What is there when a drain begins. */
export interface Open {
  readonly inFlight: number;
  readonly connections: number;
  readonly upgraded: number;
  /** Connections that had been accepted before. */
  readonly accepted: number;
}

/** What happens, by name: what listeners hear of, and what the report alone tells. */
export interface Facts extends ServiceEvents {
  /** A drain begins; everything is told by the time since `start`. */
  begin: { readonly told: Told; readonly start: number };
  open: Open;
  "request-abort": RequestReport;
  /** A response is over. */
  "request-end": InFlight;
  /** Connections were destroyed, with or without a request. */
  cut: { readonly connections: number };
  /** What was alive at the end of which lastcall was not told. */
  untracked: readonly UntrackedReport[];
  /** Something went wrong in lastcall itself. */
  fault: { readonly step: string; readonly fault: Fault };
  /** The process threw in the middle of the drain. */
  threw: Error;
  /** The process ends in the middle of the drain, with this code. */
  interrupted: { readonly code: number };
  /** The process ends with this code after a drain with this outcome; undefined: it goes on. */
  exit: { readonly code: number | undefined; readonly outcome: Outcome };
}

/** What the report takes from elsewhere: figures of what there is, and no facts. */
export interface Present extends Pick<
  DrainReport,
  "service" | "budget" | "goodbyes" | "registries" | "tasks" | "workers"
> {
  readonly servers: readonly Counted[];
  readonly policy: UntrackedPolicy;
}

/** What one server has counted. */
export interface Counted {
  readonly accepted: number;
  readonly begun: number;
  readonly refused: number;
  readonly letGo: number;
  readonly idleClosed: number;
  readonly upgradedEnded: number;
}

type Notes = { readonly [N in keyof Facts]?: (fact: Facts[N]) => void };

/** What is kept of the facts of one drain: the report is made of it. */
export class DrainRecord {
  /** Signals that told the service to stop, in their order. */
  readonly signals: SignalReport[] = [];
  /** Requests that were unfinished at the abort instant. */
  readonly aborted: RequestReport[] = [];
  readonly #hooks: HookReport[] = [];
  readonly #phases: DrainReport["phases"] = [];
  readonly #warnings: DrainReport["warnings"] = [];
  readonly #errors: FaultReport[] = [];
  readonly #stalled: StallReport[] = [];
  /** Of those the verdict is final: the cut has ended them. */
  readonly #cutRequests = new Set<RequestReport>();
  #begun: { reason: string; blockedMs: number; startedAt: string; start: number } | undefined;
  #open: Open = { inFlight: 0, connections: 0, upgraded: 0, accepted: 0 };
  #lameDuck: LameDuckReport | null = null;
  #untracked: UntrackedReport[] | null = null;
  #exitCode: number | null = null;
  #unfinished = 0;
  #cut = 0;
  #threw = false;

  /** What each fact leaves behind; one without a row is for listeners alone. */
  readonly #notes: Notes = {
    begin: ({ told: { reason, blockedMs }, start }) => {
      const startedAt = new Date().toISOString();
      this.#begun = { reason, blockedMs: Math.round(blockedMs), startedAt, start };
    },
    open: (open) => {
      this.#open = open;
    },
    phase: ({ to: phase }) => {
      if (this.#begun !== undefined) this.#phases.push({ phase, atMs: this.elapsed });
    },
    signal: (report) => {
      if (this.signals.length < MOST_SIGNALS) this.signals.push(report);
    },
    "lame-duck-end": (report) => {
      this.#lameDuck = report;
    },
    // Of those before the drain only the event tells.
    stall: (report) => {
      if (this.#begun !== undefined) this.#stalled.push(report);
    },
    "request-abort": (report) => void this.aborted.push(report),
    "request-cut": (report) => void this.#cutRequests.add(report),
    "request-end": (item) => this.#requestEnded(item),
    cut: ({ connections }) => {
      this.#cut += connections;
    },
    "hook-end": (report) => void this.#hooks.push(report),
    untracked: (left) => {
      this.#untracked = [...left];
    },
    // The first of each kind: a service may run for months before it is drained.
    warning: ({ code, message }) => {
      const known = this.#warnings.filter((warning) => warning.code === code);
      if (known.length < MOST_WARNINGS) this.#warnings.push({ code, message });
    },
    fault: ({ step, fault }) => this.#failed(step, fault),
    threw: () => {
      this.#threw = true;
    },
    interrupted: ({ code }) => {
      this.#threw = true;
      this.#exitCode = code;
    },
    exit: ({ code, outcome }) => {
      this.#exitCode = code ?? null;
      // The application says that something was not as it should be: then "clean" is not the word.
      if (outcome === "clean" && code !== undefined && code !== 0) this.#threw = true;
    },
  };

  note<N extends keyof Facts>(name: N, fact: Facts[N]): void {
    const notes: { readonly [K in N]?: (fact: Facts[K]) => void } = this.#notes;
    notes[name]?.(fact);
  }

  /** Milliseconds since the drain began; 0 before. */
  get elapsed(): number {
    return this.#begun === undefined ? 0 : msSince(this.#begun.start);
  }

  #requestEnded({ finished, isLetGo, aborted }: InFlight): void {
    if (!finished && !isLetGo) this.#unfinished++;
    if (aborted === undefined || this.#cutRequests.has(aborted)) return;
    aborted.reaction = finished ? "answered" : "client gone";
  }

  /** What went wrong before the drain is a warning alone; what does again, at each of many connections, stands there once. */
  #failed(step: string, { message, at: where }: Fault): void {
    if (this.#begun === undefined) return;
    const at = where ?? null;
    const known = this.#errors.filter((error) => error.step === step);
    const isNew = !known.some((error) => error.message === message && error.at === at);
    if (isNew && known.length < MOST_WARNINGS) this.#errors.push({ step, message, at });
  }

  report(present: Present): DrainReport {
    const { service, budget, servers, goodbyes, registries, tasks, workers, policy } = present;
    const sum = (of: (each: Counted) => number): number =>
      servers.reduce((total, each) => total + of(each), 0);
    const facts: Omit<DrainReport, "outcome" | "service"> = {
      reason: this.#begun?.reason ?? "",
      startedAt: this.#begun?.startedAt ?? "",
      durationMs: this.elapsed,
      blockedMs: this.#begun?.blockedMs ?? 0,
      exitCode: this.#exitCode,
      signals: [...this.signals],
      budget,
      phases: this.#phases,
      lameDuck: this.#lameDuck,
      requests: {
        inFlight: this.#open.inFlight,
        begun: sum((each) => each.begun),
        refused: sum((each) => each.refused),
        letGo: sum((each) => each.letGo),
        unfinished: this.#unfinished,
        aborted: [...this.aborted],
      },
      connections: {
        open: this.#open.connections,
        upgraded: this.#open.upgraded,
        accepted: sum((each) => each.accepted) - this.#open.accepted,
        idleClosed: sum((each) => each.idleClosed),
        upgradedEnded: sum((each) => each.upgradedEnded),
        stalled: this.#stalled,
        cut: this.#cut,
      },
      goodbyes,
      registries,
      hooks: this.#hooks,
      workers,
      tasks,
      untracked: this.#untracked,
      warnings: this.#warnings,
      errors: this.#errors,
    };
    return { service, outcome: judge(facts, this.#threw, policy), ...facts };
  }
}
