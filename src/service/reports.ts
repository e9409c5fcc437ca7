import type { Budget } from "../budget.js";
import type { Fence } from "../fence.js";
import type { Journal } from "../journal.js";
import type { Settings } from "../options/settings.js";
import type { Phase } from "../phase.js";
import {
  EXIT_CODES,
  formatReport,
  writeReport,
  type DrainReport,
  type WorkerReport,
} from "../report.js";
import type { AttachedServer } from "../server/attached.js";
import type { Goodbyes } from "../server/goodbyes/goodbyes.js";
import type { ServersInCare } from "../server/in-care.js";
import type { Registries } from "../registries/registries.js";
import type { Work } from "../work/work.js";

/** What a report tells of. */
interface Reported {
  readonly settings: Settings;
  readonly servers: ServersInCare;
  readonly goodbyes: Goodbyes;
  readonly work: Work;
  readonly registries: Registries;
  readonly journal: Journal;
  readonly fence: Fence;
}

/** What of it is known at the moment alone. */
interface Current {
  budget(): Budget;
  workers(): WorkerReport[];
}

/** The reports of one stop: as far as it has come, at its end, and how they are delivered. */
export class Reports {
  readonly #of: Reported;
  readonly #current: Current;
  #isDelivered = false;
  #finish: (() => DrainReport) | undefined;

  constructor(reported: Reported, current: Current) {
    this.#of = reported;
    this.#current = current;
  }

  /** What the drain has done so far. */
  make(servers: Iterable<AttachedServer> = this.#of.servers.current): DrainReport {
    const { settings, goodbyes, work, registries, journal, fence } = this.#of;
    const { name: service, untracked: policy } = settings;
    const { said, overdue } = goodbyes;
    const budget = this.#current.budget();
    const known = {
      service,
      policy,
      budget,
      goodbyes: { said, overdue },
      registries: registries.report(),
    };
    try {
      const tasks = work.report();
      const workers = this.#current.workers();
      return journal.report({
        ...known,
        servers: [...servers].map(({ counted }) => counted),
        tasks,
        workers,
      });
    } catch (thrown) {
      fence.failed("make the report", thrown);
      // Without what the servers and tasks would have told.
      return journal.report({ ...known, servers: [], tasks: [], workers: [] });
    }
  }

  /** With the code that the process ends with, which `exitCode` finds; undefined: it goes on. */
  makeLast(
    servers: readonly AttachedServer[],
    exitCode: (code: number) => number | undefined,
  ): DrainReport {
    const { journal } = this.#of;
    const report = this.make(servers);
    const { outcome } = report;
    const code = exitCode(EXIT_CODES[outcome]);
    journal.tell("exit", { code, outcome });
    if (outcome !== "clean" || code === undefined || code === 0) {
      return { ...report, exitCode: code ?? null };
    }
    journal.warn(
      "exit-code",
      `The application ends the process with code ${code}, or has set process.exitCode to it`,
    );
    return this.make(servers);
  }

  /** For the case that the process is killed at its deadline because it can do nothing itself. */
  lastWord(phase: Phase): string {
    if (this.#isDelivered || this.#of.settings.report === false) return "";
    const report = this.make();
    const message = `The process was killed at its deadline, in phase \`${phase}\`: the event loop did not turn, or an exit listener or a debugger kept it`;
    const warnings = [...report.warnings, { code: "deadline-passed", message }];
    return formatReport({ ...report, outcome: "failed", exitCode: 137, warnings });
  }

  /**
   * Once: a drain that was interrupted may yet come to its end before the process does. `latest`: the report as it is once
   * listeners have heard of it. Returns what was delivered.
   */
  deliver(report: DrainReport, latest = (): DrainReport => report): DrainReport {
    if (this.#isDelivered) return report;
    this.#isDelivered = true;
    let last: DrainReport | undefined;
    const finish = (): DrainReport => {
      if (last !== undefined) return last;
      last = latest();
      this.#write(last);
      return last;
    };
    this.#finish = finish;
    this.#of.journal.tell("drain-end", { report });
    return finish();
  }

  /** Of a drain that is interrupted. Written first: the process ends, and a listener may do it at once. */
  deliverNow(report: DrainReport): void {
    if (this.#isDelivered) return;
    this.#isDelivered = true;
    this.#write(report);
    this.#of.journal.tell("drain-end", { report });
  }

  /** Writes the report now, for a listener that hears of it ends the process; undefined where there is none yet. */
  finish(): DrainReport | undefined {
    return this.#finish?.();
  }

  #write(report: DrainReport): void {
    const { settings, journal, fence } = this.#of;
    const { report: sink } = settings;
    if (sink === false) return;
    if (sink === "stderr") {
      writeReport(report);
      return;
    }
    fence.invoke(
      "report function",
      () => sink(report),
      (error) => {
        journal.warn("report-threw", `The report function threw: ${error.message}`);
        writeReport(report);
      },
    );
  }
}
