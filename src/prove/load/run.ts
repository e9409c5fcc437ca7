import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../ledger.js";
import { now } from "../now.js";
import { createRandom, deriveSeed, type Random } from "../random.js";
import { encodeRequest, type RequestTemplate } from "../request.js";
import { Connection, defer } from "./connection.js";
import { DelayLine } from "./delay.js";
import { Recorder, type PlannedRequest } from "./recorder.js";
import { Route } from "./route.js";
import type { Holder, LoadPlan, LoadProgress, Target } from "./protocol.js";

/** What all clients of one load share. */
export class Run {
  readonly plan: LoadPlan;
  readonly recorder: Recorder;
  readonly route: Route = new Route();
  readonly #line: DelayLine;
  readonly #open = new Set<Connection>();
  readonly #signals = new Map<number, ReturnType<typeof defer<number>>>();
  #isStopped = false;
  #turn = 0;

  constructor(plan: LoadPlan, onFault: (what: string) => void) {
    this.plan = plan;
    this.recorder = new Recorder(plan.idPrefix, onFault);
    this.#line = new DelayLine(plan.rttMs / 2);
  }

  /** Whether another request may be planned. */
  get canPlan(): boolean {
    return !this.#isStopped && this.recorder.plannedCount < this.plan.maxRequests;
  }

  /** Each client's own sequence: its schedule repeats with the seed however clients interleave. */
  random(name: string): Random {
    return createRandom(deriveSeed(this.plan.seed, name));
  }

  /** The next of the `--request`s, in turn. */
  nextRequest(): RequestTemplate {
    const { requests } = this.plan;
    const next = requests[this.#turn % requests.length];
    this.#turn += 1;
    if (next === undefined) throw new Error("a load needs at least one request");
    return next;
  }

  connect(client: Client, target: Target): Connection {
    const { recorder } = this;
    const entry = recorder.openConnection(client, target.generation);
    const connection = new Connection({ recorder, line: this.#line, target, entry }, () => {
      this.#open.delete(connection);
    });
    this.#open.add(connection);
    return connection;
  }

  /** Plans and sends one request. Returns whether the connection may carry another one. */
  request(connection: Connection, template: RequestTemplate): Promise<boolean> {
    const request = connection.plan(template);
    return connection.send(request, this.#encode(connection, request));
  }

  /** The same after a think time, unless this is the connection's first request. */
  async requestAfter(
    connection: Connection,
    template: RequestTemplate,
    random: Random,
  ): Promise<boolean> {
    const request = connection.plan(template);
    if (connection.isReused) await connection.rest(random() * this.plan.thinkMs);
    return connection.send(request, this.#encode(connection, request));
  }

  /** Sends a request whose time has come; ends it as unsent when it has not. */
  async sendOrEnd(connection: Connection, request: PlannedRequest, isTime: boolean): Promise<void> {
    if (isTime || !connection.isOpen) {
      await connection.send(request, this.#encode(connection, request));
    } else request.end({ outcome: "unsent", kind: "ended" });
  }

  async think(random: Random): Promise<void> {
    await sleep(random() * this.plan.thinkMs);
  }

  /** Resolves with the instant of the generation's signal. */
  signalled(generation: number): Promise<number> {
    return this.#signal(generation).promise;
  }

  /** The signal was sent. The balancer notices `lagMs` after it. */
  signal(generation: number, at: number): void {
    this.#signal(generation).resolve(at);
    const lag = at + this.plan.lagMs - now();
    setTimeout(() => this.route.remove(generation), Math.max(0, lag));
  }

  /**
   * An instant at which a client that still believes in the generation sends: spread over the
   * balancer's lag, so that it is on the service's side before the balancer lets go. Resolves to
   * false when there is no such instant.
   */
  async lateInstant(connection: Connection, random: Random): Promise<boolean> {
    const at = await Promise.race([
      this.signalled(connection.target.generation),
      closedAt(connection),
    ]);
    const window = Math.min(this.plan.lagMs - this.plan.rttMs, this.#idleLimit(connection));
    if (at === undefined || window <= 0) return false;
    return connection.rest(Math.max(0, at + random() * window - now()));
  }

  /** Keeps a connection that has nothing more to ask until the service or the run ends it. */
  async keep(connection: Connection): Promise<void> {
    if (!this.#isStopped) await connection.closed();
    connection.leave();
  }

  holders(generation: number): Holder[] {
    return [...this.#open]
      .filter((connection) => connection.target.generation === generation)
      .map((connection) => connection.describe())
      .filter((holder) => holder !== undefined);
  }

  progress(): LoadProgress {
    const { entries, lostCount: lost } = this.recorder;
    return { ended: entries.length, lost, open: this.#open.size };
  }

  /** Plans nothing more, and leaves every connection that carries no request. */
  stop(): void {
    this.#isStopped = true;
    this.route.set([]);
    for (const [, signal] of this.#signals) signal.resolve(now());
    for (const connection of this.#open) if (!connection.isBusy) connection.leave();
  }

  /** Ends what is still open. */
  cut(): void {
    for (const connection of this.#open) connection.leave();
  }

  #encode(connection: Connection, { id, template }: PlannedRequest): Buffer {
    const { port } = connection.target;
    return encodeRequest(template, { id, port, close: connection.entry.client === "fresh" });
  }

  #signal(generation: number): ReturnType<typeof defer<number>> {
    const known = this.#signals.get(generation);
    if (known !== undefined) return known;
    const signal = defer<number>();
    this.#signals.set(generation, signal);
    return signal;
  }

  /** A client that heeds `Keep-Alive: timeout` leaves an idle connection a second before it. */
  #idleLimit(connection: Connection): number {
    const hint = connection.keepAliveHintMs;
    return hint === null ? MAX_IDLE_MS : Math.min(MAX_IDLE_MS, hint - 1_000);
  }
}

// Below the usual keep-alive time-outs (5 s in Node): a loss there is not the stop's.
const MAX_IDLE_MS = 3_000;

async function closedAt(connection: Connection): Promise<undefined> {
  await connection.closed();
}
