import { now } from "../../machine/now.js";
import type { Random } from "../../machine/random.js";
import type { Connection } from "../http1/connection.js";
import type { Run } from "../run.js";
import type { Arrival } from "./arrivals.js";

/** An arrival whose instant has come. */
export interface DueArrival extends Arrival {
  /** `now()` milliseconds; what is waited for from then on counts as latency. */
  readonly dueAt: number;
}

interface Idle {
  readonly connection: Connection;
  readonly since: number;
}

/**
 * The keep-alive connections of an open loop: the most recently used is taken first, another is made
 * when none is free, up to a bound. Beyond it arrivals queue, and their latency goes on counting.
 */
export class ArrivalPool {
  readonly #run: Run;
  readonly #random: Random;
  readonly #onAnswered: () => void;
  readonly #open = new Set<Connection>();
  readonly #lives = new Set<Promise<void>>();
  #idle: Idle[] = [];
  #queue: DueArrival[] = [];
  #last: Connection | undefined;

  constructor(run: Run, random: Random, onAnswered: () => void) {
    this.#run = run;
    this.#random = random;
    this.#onAnswered = onAnswered;
  }

  take(arrival: DueArrival): void {
    const connection = this.#takeIdle() ?? this.#connect();
    if (connection === undefined) this.#queue.push(arrival);
    else void this.#use(connection, arrival);
  }

  /** Nothing more is due. Resolves when every connection has ended. */
  async close(): Promise<void> {
    // What still waits for a connection never gets one: the balancer sends elsewhere.
    for (const arrival of this.#queue.splice(0)) {
      this.#last?.plan(arrival.template, arrival).end({ outcome: "unsent", kind: "queued" });
    }
    for (const { connection } of this.#idle.splice(0)) void this.#run.keep(connection);
    while (this.#lives.size > 0) await Promise.all(this.#lives);
  }

  #takeIdle(): Connection | undefined {
    for (let free = this.#idle.pop(); free !== undefined; free = this.#idle.pop()) {
      const { connection, since } = free;
      if (!connection.isOpen) continue;
      // A client that heeds the service's keep-alive time-out does not race with it.
      const isStale = now() - since > this.#run.idleLimit(connection);
      if (isStale) connection.leave();
      else if (this.#isRouted(connection)) return connection;
      else void this.#run.keep(connection);
    }
    return undefined;
  }

  #connect(): Connection | undefined {
    if (this.#open.size >= this.#run.plan.counts.rate) return undefined;
    const target = this.#run.route.pick(this.#random);
    if (target === undefined) return undefined;
    const connection = this.#run.connect("rate", target);
    this.#last = connection;
    this.#open.add(connection);
    const life = this.#watch(connection);
    this.#lives.add(life);
    void life.then(() => this.#lives.delete(life));
    return connection;
  }

  /** Its place is free once it has ended. */
  async #watch(connection: Connection): Promise<void> {
    await connection.closed();
    this.#open.delete(connection);
    this.#serveQueue();
  }

  async #use(connection: Connection, first: DueArrival): Promise<void> {
    let isReusable = true;
    for (let next: DueArrival | undefined = first; next !== undefined && isReusable;) {
      const request = connection.plan(next.template, next);
      isReusable = await connection.send(request, this.#run.encode(connection, request));
      this.#onAnswered();
      next = isReusable && this.#isRouted(connection) ? this.#queue.shift() : undefined;
    }
    if (!isReusable) connection.leave();
    else if (this.#isRouted(connection)) this.#idle.push({ connection, since: now() });
    else void this.#run.keep(connection);
  }

  #serveQueue(): void {
    const [first] = this.#queue;
    const connection = first === undefined ? undefined : this.#connect();
    if (first === undefined || connection === undefined) return;
    this.#queue.shift();
    void this.#use(connection, first);
  }

  #isRouted({ target }: Connection): boolean {
    return this.#run.route.targets.some(({ generation }) => generation === target.generation);
  }
}
