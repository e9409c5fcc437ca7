import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Holder } from "../facts/holders.js";
import type { Client, LoadProgress } from "../facts/ledger.js";
import { now } from "../machine/now.js";
import { createRandom, deriveSeed, type Random } from "../machine/random.js";
import { encodeRequest, type EncodeOptions, type RequestTemplate } from "../request/request.js";
import { defer, type Deferred } from "./defer.js";
import { H2Session } from "./http2/session.js";
import { Connection, type EndlessBody, type Exchange } from "./http1/connection.js";
import { Probes } from "./probes.js";
import type { LoadPlan, Target } from "./protocol.js";
import { Recorder, type PlannedRequest } from "./recorder.js";
import { Route } from "./route.js";
import { Turns } from "./turns.js";
import { WebSocketConnection } from "./websocket/connection.js";
import type { Channel, ChannelOptions } from "./wire/channel.js";
import { DelayLine } from "./wire/delay.js";
import type { TlsProtocol } from "./wire/link.js";

/** What all clients of one load share. */
export class Run {
  readonly plan: LoadPlan;
  readonly recorder: Recorder;
  readonly route: Route = new Route();
  readonly probes: Probes;
  /** How late the open loop's requests were begun by our own doing, in microseconds. */
  readonly lateness: RecordableHistogram = createHistogram();
  readonly #line: DelayLine;
  readonly #open = new Set<Channel>();
  readonly #signals = new Map<number, Deferred<number>>();
  readonly #finishing = defer<void>();
  #firstSignalAt = Number.POSITIVE_INFINITY;
  readonly #turns = new Turns();
  #isStopped = false;

  constructor(plan: LoadPlan, onFault: (what: string) => void) {
    this.plan = plan;
    this.recorder = new Recorder(plan.idPrefix, onFault, plan.instanceField);
    this.probes = new Probes(plan);
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
    return this.nextOf(this.plan.requests);
  }

  /** The next of a list of the plan's, in turn and by weight. */
  nextOf(templates: readonly RequestTemplate[]): RequestTemplate {
    return this.#turns.next(templates);
  }

  connect(client: Client, target: Target): Connection {
    return this.#add(client, target, "http/1.1", (...args) => new Connection(...args));
  }

  connectH2(client: Client, target: Target): H2Session {
    return this.#add(client, target, "h2", (...args) => new H2Session(...args));
  }

  connectWebSocket(target: Target): WebSocketConnection {
    const make = (...args: Made): WebSocketConnection => new WebSocketConnection(...args);
    return this.#add("websocket", target, "http/1.1", make);
  }

  /** Plans and sends one request. Returns whether the connection may carry another one. */
  request(
    connection: Connection,
    template: RequestTemplate,
    endless?: EndlessBody,
  ): Promise<boolean> {
    const request = connection.plan(template);
    return connection.send(request, this.encode(connection, request), endless);
  }

  /** The same after a think time, unless this is the connection's first request. */
  async requestAfter(
    connection: Connection,
    template: RequestTemplate,
    random: Random,
  ): Promise<boolean> {
    const request = connection.plan(template);
    if (connection.isReused) await connection.rest(random() * this.plan.thinkMs);
    return connection.send(request, this.encode(connection, request));
  }

  /** Plans and begins a request whose bytes are written later, or in parts. */
  begin(
    connection: Connection,
    template: RequestTemplate,
    endless?: EndlessBody,
  ): Promise<Exchange | undefined> {
    return connection.begin(connection.plan(template), endless);
  }

  /** Sends a request whose time has come; ends it as unsent when it has not. */
  async sendOrEnd(connection: Connection, request: PlannedRequest, isTime: boolean): Promise<void> {
    if (isTime || !connection.isOpen) {
      await connection.send(request, this.encode(connection, request));
    } else request.end({ outcome: "unsent", kind: "ended" });
  }

  async think(random: Random): Promise<void> {
    await sleep(random() * this.plan.thinkMs);
  }

  /**
   * Waits for a part of a client's round at the beginning: begun together, clients with a short think time
   * and a long way would send together for ever, and at a signal all of them be in flight, or none.
   */
  async getOutOfStep(random: Random): Promise<void> {
    const { rttMs, thinkMs } = this.plan;
    await sleep(random() * (2 * rttMs + thinkMs));
  }

  get isSignalled(): boolean {
    return Number.isFinite(this.#firstSignalAt);
  }

  /** Says which requests were not answered as expected without a signal to blame for it. */
  unfounded(): string[] {
    const { baseline, served, plannedCount } = this.recorder;
    const { maxRequests } = this.plan;
    const end = `the load had sent its last request, number ${String(maxRequests)}, before the run was over (try a longer --think, or fewer --clients)`;
    const spent = plannedCount >= maxRequests ? [end] : [];
    const before = this.#firstSignalAt;
    return [
      ...served.faults(before),
      ...baseline.faults(before),
      ...this.probes.unfounded(),
      ...spent,
    ];
  }

  noteLateness(ms: number): void {
    this.lateness.record(Math.max(1, Math.round(ms * 1_000)));
  }

  /** Resolves with the instant of the generation's signal. */
  signalled(generation: number): Promise<number> {
    return this.#signal(generation).promise;
  }

  /** The signal was sent. The balancer notices `lagMs` after it. */
  signal(generation: number, at: number): void {
    this.#signal(generation).resolve(at);
    this.#firstSignalAt = Math.min(this.#firstSignalAt, at);
    const lag = at + this.plan.lagMs - now();
    setTimeout(() => this.route.remove(generation), Math.max(0, lag));
  }

  /**
   * An instant at which a client that still believes in the generation sends: spread over the
   * balancer's lag, so that it is on the service's side before the balancer lets go. Resolves to
   * false when there is no such instant.
   */
  async lateInstant(connection: Channel, random: Random): Promise<boolean> {
    const at = await this.signalOf(connection);
    const window = Math.min(this.plan.lagMs - this.plan.rttMs, this.idleLimit(connection));
    if (at === undefined || window <= 0) return false;
    return connection.rest(Math.max(0, at + random() * window - now()));
  }

  /** Resolves with the instant of its generation's signal; undefined when it has ended before. */
  signalOf(connection: Channel): Promise<number | undefined> {
    return Promise.race([this.signalled(connection.target.generation), closedAt(connection)]);
  }

  /** Keeps a connection that has nothing more to ask until the service or the run ends it. */
  async keep(connection: Channel): Promise<void> {
    if (!this.#isStopped) await connection.closed();
    connection.leave();
  }

  /** Resolves when the services have gone, or the run is ended. */
  finishing(): Promise<void> {
    return this.#finishing.promise;
  }

  /** Tells the clients that can see nothing by themselves that nothing more will come. */
  finish(): void {
    this.#finishing.resolve();
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
    this.probes.stop();
    for (const [, signal] of this.#signals) signal.resolve(now());
    for (const connection of this.#open) void leaveIdle(connection);
  }

  /** Ends what is still open. */
  cut(): void {
    for (const connection of this.#open) connection.leave();
  }

  /** The bytes of a request as its client sends it. */
  encode(
    { target, entry }: Connection,
    { id, template }: PlannedRequest,
    options: Partial<EncodeOptions> = {},
  ): Buffer {
    const { authority } = target.address;
    const close = entry.client === "fresh";
    return encodeRequest(template, { id, authority, close, ...options });
  }

  #add<T extends Channel>(
    client: Client,
    target: Target,
    protocol: TlsProtocol,
    make: (...args: Made) => T,
  ): T {
    const { recorder } = this;
    const entry = recorder.openConnection(client, target.generation);
    const trust = this.plan.tls;
    const tls = trust === null ? null : { protocol, trust };
    const { connectTimeoutMs } = this.plan;
    const options = { recorder, line: this.#line, target, entry, tls, connectTimeoutMs };
    const channel = make(options, () => this.#open.delete(channel));
    this.#open.add(channel);
    return channel;
  }

  #signal(generation: number): Deferred<number> {
    const known = this.#signals.get(generation);
    if (known !== undefined) return known;
    const signal = defer<number>();
    this.#signals.set(generation, signal);
    return signal;
  }

  /** A client that heeds `Keep-Alive: timeout` leaves an idle connection a second before it. */
  idleLimit(connection: Channel): number {
    const hint = connection.keepAliveHintMs;
    return hint === null ? MAX_IDLE_MS : Math.min(MAX_IDLE_MS, hint - 1_000);
  }
}

// Below the usual keep-alive time-outs (5 s in Node): a loss there is not the stop's.
const MAX_IDLE_MS = 3_000;

type Made = [options: ChannelOptions, onEnded: () => void];

/**
 * Leaves a connection that carries no request. One that is being made is left when it has been: a client that
 * waits for it in vain is not served, and that is no matter of when the run ended.
 */
async function leaveIdle(connection: Channel): Promise<void> {
  if (connection.isConnecting) await connection.opened();
  if (!connection.isBusy) connection.leave();
}

async function closedAt(connection: Channel): Promise<undefined> {
  await connection.closed();
}
