import type { Budget } from "./budget.js";
import { msSince } from "./clock.js";
import type { UntrackedPolicy } from "./options.js";
import type { Phase } from "./phase.js";
import {
  judge,
  type DrainReport,
  type HookReport,
  type LameDuckReport,
  type RequestReport,
  type StallReport,
  type TaskReport,
  type UntrackedReport,
} from "./report.js";
import { describeRequest } from "./request/route.js";
import { hasSignal } from "./request/signal.js";
import type { AttachedServer } from "./server/attached.js";
import type { InFlight } from "./server/in-flight.js";

/** Of one code; more of the same tell nothing new. */
const MOST_WARNINGS = 20;

/** Collects the facts of one drain while it runs, and makes the report of them. */
export class Recorder {
  readonly hooks: HookReport[] = [];
  readonly #service: string;
  readonly #budget: Budget;
  readonly #phases: DrainReport["phases"] = [];
  readonly #warnings: DrainReport["warnings"] = [];
  readonly #stalled: StallReport[] = [];
  readonly #aborted = new Map<InFlight, RequestReport>();
  #reason = "";
  #lameDuck: LameDuckReport | null = null;
  #startedAt = "";
  #start: number | undefined;
  #open = { inFlight: 0, connections: 0, upgraded: 0 };
  #accepted = 0;
  #unfinished = 0;
  #cut = 0;
  #isCut = false;
  #threw = false;
  #untracked: UntrackedReport[] | null = null;
  readonly #policy: UntrackedPolicy;

  constructor(service: string, budget: Budget, policy: UntrackedPolicy) {
    this.#service = service;
    this.#budget = budget;
    this.#policy = policy;
  }

  /** Milliseconds since the drain began; 0 before. */
  elapsed(): number {
    return this.#start === undefined ? 0 : msSince(this.#start);
  }

  begin(reason: string, start: number): void {
    this.#reason = reason;
    this.#start = start;
    this.#startedAt = new Date().toISOString();
  }

  /** Counts what is there when the drain begins. */
  open(servers: Iterable<AttachedServer>): { inFlight: number; connections: number } {
    for (const each of servers) {
      this.#open.connections += each.connections.size;
      this.#open.inFlight += each.inFlight.length;
      this.#open.upgraded += each.upgradedCount;
      this.#accepted -= each.accepted;
    }
    return this.#open;
  }

  phase(phase: Phase): void {
    this.#phases.push({ phase, atMs: this.elapsed() });
  }

  /** Keeps the first warnings of each kind: a service may run for months before it is drained. */
  warn(code: string, message: string): void {
    const known = this.#warnings.filter((warning) => warning.code === code);
    if (known.length < MOST_WARNINGS) this.#warnings.push({ code, message });
  }

  lameDuckEnded(report: LameDuckReport): void {
    this.#lameDuck = report;
  }

  /** What was alive at the end that nobody told of. */
  untracked(left: UntrackedReport[]): void {
    this.#untracked = left;
  }

  /** The process threw, or was ended, in the middle of the drain. */
  threw(): void {
    this.#threw = true;
  }

  /** Of those before the drain only the event tells. */
  stalled(stall: StallReport): void {
    if (this.#start !== undefined) this.#stalled.push(stall);
  }

  /** A request is unfinished at the abort instant. */
  aborted(item: InFlight): RequestReport {
    const report: RequestReport = {
      ...describeRequest(item.req),
      ageMs: msSince(item.startedAt),
      // Whether the handler has the signal is known now; whether it obeys, once the response ends.
      reaction: hasSignal(item.req) ? "ignored abort" : "no signal",
    };
    this.#aborted.set(item, report);
    return report;
  }

  /** A response is over; one that the cut has ended keeps the verdict it had. */
  ended(item: InFlight): void {
    if (!item.finished) this.#unfinished++;
    const report = this.#aborted.get(item);
    if (report === undefined || this.#isCut) return;
    if (report.reaction === "ended") return;
    report.reaction = item.finished ? "answered" : "client gone";
  }

  /** An event stream was ended from here. */
  endedStream(item: InFlight): void {
    const report = this.#aborted.get(item);
    if (report !== undefined) report.reaction = "ended";
  }

  /** What is left is cut now. Returns the requests that were told to give up and did not. */
  beginCut(): RequestReport[] {
    this.#isCut = true;
    return [...this.#aborted.values()].filter(
      ({ reaction }) => reaction === "ignored abort" || reaction === "no signal",
    );
  }

  cut(connections: number): void {
    this.#cut += connections;
  }

  report(rest: {
    servers: Iterable<AttachedServer>;
    farewells: DrainReport["farewells"];
    tasks: TaskReport[];
  }): DrainReport {
    const servers = [...rest.servers];
    const sum = (of: (each: AttachedServer) => number): number =>
      servers.reduce((total, each) => total + of(each), 0);
    const facts: Omit<DrainReport, "outcome"> = {
      service: this.#service,
      reason: this.#reason,
      startedAt: this.#startedAt,
      durationMs: this.elapsed(),
      budget: this.#budget,
      phases: this.#phases,
      lameDuck: this.#lameDuck,
      requests: {
        inFlight: this.#open.inFlight,
        begun: sum((each) => each.begun),
        refused: sum((each) => each.refused),
        unfinished: this.#unfinished,
        aborted: [...this.#aborted.values()],
      },
      connections: {
        open: this.#open.connections,
        upgraded: this.#open.upgraded,
        accepted: this.#accepted + sum((each) => each.accepted),
        idleClosed: sum((each) => each.idleClosed),
        stalled: this.#stalled,
        cut: this.#cut,
      },
      farewells: rest.farewells,
      hooks: this.hooks,
      tasks: rest.tasks,
      untracked: this.#untracked,
      warnings: this.#warnings,
    };
    const { service, ...others } = facts;
    return { service, outcome: judge(facts, this.#threw, this.#policy), ...others };
  }
}
