import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, isListening, untilAnswered } from "./answer.js";
import { formatDuration } from "./duration.js";
import { CannotRunError } from "./errors.js";
import { findFaults } from "./fault.js";
import { judge } from "./judge.js";
import { tally } from "./ledger.js";
import { Load, type LoadOutcome } from "./load/start.js";
import type { LoadPlan, LoadProgress, Target } from "./load/protocol.js";
import { now } from "./now.js";
import { observeStop } from "./observe.js";
import type { ProveProgress, ResolvedOptions } from "./options.js";
import type { TrialResult } from "./result.js";
import { toRow, type RequestRow } from "./row.js";
import { startService, type Service } from "./service.js";
import { stopService, type Stop } from "./stop.js";
import { sumLosses, tallyByClient } from "./sum.js";

export interface TrialContext {
  readonly trial: number;
  readonly seed: number;
  readonly onPhase: (phase: ProveProgress["phase"], load: LoadProgress | null) => void;
  readonly onRequest: (row: RequestRow) => void;
}

// The load is bounded in number as well as in time.
const MAX_REQUESTS = 200_000;

/** One trial: its load process and every generation of the service it started. */
export class Trial {
  readonly #options: ResolvedOptions;
  readonly #context: TrialContext;
  readonly #load: Load;
  readonly #services = new Set<Service>();
  #phase: ProveProgress["phase"] = "starting";
  #isOver = false;

  constructor(options: ResolvedOptions, context: TrialContext) {
    this.#options = options;
    this.#context = context;
    this.#load = new Load((progress) => context.onPhase(this.#phase, progress));
  }

  /** Start, load, signal, watch, judge. */
  async run(): Promise<TrialResult> {
    const { restarts } = this.#options;
    this.#enter("starting");
    await this.#load.ready;
    this.#load.start(this.#plan());
    const first = await this.#start(0);
    this.#load.command({ type: "route", targets: [targetOf(first)] });
    this.#enter("loading");
    await this.#alive(first, this.#warm());
    const stops = restarts === 0 ? [await this.#stop(first)] : await this.#restart(first);
    const isLeft = restarts > 0 || stops.some(({ orphans }) => orphans !== null);
    const outcome = await this.#load.finish(isLeft ? "now" : "unrouted");
    return this.#conclude(stops, outcome);
  }

  /** Leaves nothing behind: no process of the service, no load process. */
  async close(): Promise<void> {
    this.#isOver = true;
    await Promise.all([...this.#services].map((service) => service.kill()));
    await this.#load.close();
  }

  async #start(generation: number): Promise<Service> {
    const { command, env, port: fixed, startTimeout } = this.#options;
    const port = fixed ?? (await findFreePort());
    if (fixed !== null && (await isListening(port))) {
      const text = `port ${String(port)} is taken: something answers there before the service is started`;
      throw new CannotRunError("PROVE_PORT_TAKEN", text);
    }
    const service = await startService(command, { generation, port }, env);
    this.#services.add(service);
    this.#load.command({ type: "guard", pid: service.pid });
    if (this.#isOver) await service.kill();
    const isWanted = (): boolean => !this.#isOver && !service.hasExited;
    await this.#alive(
      service,
      untilAnswered({ ...this.#options, port, timeoutMs: startTimeout, isWanted }),
    );
    return service;
  }

  async #stop(service: Service): Promise<Stop> {
    this.#load.command({ type: "arm", target: targetOf(service) });
    await this.#alive(service, this.#load.armed());
    this.#enter("signalled");
    const stop = await Promise.race([
      stopService(service, this.#load, this.#options),
      this.#load.lost,
    ]);
    if (stop.orphans === null) this.#forget(service);
    this.#enter("exited");
    return stop;
  }

  /** All of its group has gone: its id may soon be somebody else's, and must not be killed. */
  #forget(service: Service): void {
    this.#services.delete(service);
    this.#load.command({ type: "unguard", pid: service.pid });
  }

  /**
   * Replaces the service under load: the next generation answers before the balancer hears of it,
   * and the balancer sends to both until it has noticed that the old one is leaving.
   */
  async #restart(first: Service): Promise<Stop[]> {
    const stops: Stop[] = [];
    let current = first;
    for (let generation = 1; generation <= this.#options.restarts; generation += 1) {
      const next = await this.#start(generation);
      this.#load.command({ type: "route", targets: [targetOf(current), targetOf(next)] });
      stops.push(await this.#stop(current));
      const lagEnd = (stops.at(-1)?.signalledAt ?? 0) + this.#options.lag;
      await Promise.race([
        sleep(Math.max(0, lagEnd - now()), undefined, { ref: false }),
        this.#load.lost,
      ]);
      current = next;
    }
    return stops;
  }

  async #warm(): Promise<void> {
    const { warmup, startTimeout } = this.#options;
    const late = sleep(warmup + startTimeout, true, { ref: false });
    if ((await Promise.race([this.#load.warm(), late])) !== true) return;
    const text = `not every client of the pool was answered within ${formatDuration(warmup + startTimeout)}`;
    throw new CannotRunError("PROVE_NEVER_ANSWERED", text);
  }

  /** Waits for something that needs the service alive. */
  async #alive<T>(service: Service, wish: Promise<T>): Promise<T> {
    const died = service.exit.then(async ({ code, signal }) => {
      await service.outputEnd();
      const how = signal === null ? `with code ${String(code)}` : `by ${signal}`;
      throw new CannotRunError(
        "PROVE_EXITED_EARLY",
        `the service exited ${how} before it was signalled`,
      );
    });
    try {
      return await Promise.race([wish, died, this.#load.lost]);
    } catch (error) {
      throw error instanceof CannotRunError ? addOutput(error, service) : error;
    }
  }

  #enter(phase: ProveProgress["phase"]): void {
    this.#phase = phase;
    this.#context.onPhase(phase, null);
  }

  #plan(): LoadPlan {
    const { rtt, lag, think, warmup, grace, clients, tls } = this.#options;
    const { requests, slow, uploads, pipelined, expecting, stalled } = this.#options;
    const { events, websockets, h2 } = this.#options;
    const { trial, seed } = this.#context;
    return {
      requests,
      slow,
      uploads,
      pipelined,
      expecting,
      stalled,
      events,
      websockets,
      h2,
      tls,
      rttMs: rtt,
      lagMs: lag,
      thinkMs: think,
      warmupMs: warmup,
      // Ends after the balancer's lag, when a service may have closed its listener.
      uploadMs: Math.min(lag + Math.min(lag, 1_000), grace / 2),
      maxRequests: MAX_REQUESTS,
      counts: clients,
      seed,
      idPrefix: `p${seed.toString(16)}-${String(trial)}`,
    };
  }

  #conclude(stops: readonly Stop[], outcome: LoadOutcome): TrialResult {
    const { entries, connections, planned } = outcome;
    const requests = tally(planned, entries);
    const faults = findFaults(outcome);
    const results = stops.map((stop) => observeStop(stop, outcome, this.#options));
    const criteria = judge([{ requests, stops: results }], this.#options);
    const hasPassed = criteria.every(({ passed }) => passed !== false);
    for (const entry of entries) this.#context.onRequest(toRow(entry, stops, this.#context.trial));
    return {
      trial: this.#context.trial,
      seed: this.#context.seed,
      verdict: faults.length > 0 ? "could-not-run" : hasPassed ? "pass" : "fail",
      criteria,
      requests,
      requestsByClient: tallyByClient(entries),
      connections: connections.length,
      losses: sumLosses(entries, stops),
      stops: results,
      faults,
    };
  }
}

function targetOf({ generation, port }: Service): Target {
  return { generation, port };
}

function addOutput(error: CannotRunError, service: Service): CannotRunError {
  const output = service.lastOutput();
  const words = output === "" ? "It wrote nothing." : `Its last output:\n${output}`;
  return new CannotRunError(error.code, `${error.message}. ${words}`, { cause: error });
}
