import tty from "node:tty";

import { outcomeOf } from "../../report.js";
import { Children } from "../children.js";
import { Pm2 } from "../pm2.js";
import type { Telling } from "../signals/telling.js";
import type { Stoppable, Told } from "../stoppable.js";
import { ClusterPrimary } from "./cluster-primary.js";
import { ClusterWorker } from "./cluster-worker.js";
import { Followers } from "./followers.js";
import type { Led } from "./leader.js";
import { Thread, Threads } from "./threads.js";

/** A service of this process, as its relatives see it. */
interface Member {
  readonly service: Stoppable;
  readonly isReady: boolean;
}

/**
 * The processes and threads round this one: those that stop with it, and those that stop it. They are looked after as long
 * as there is a service.
 */
export class Relatives {
  /** What stops with this process. */
  readonly followers: Followers;
  /** This process as a worker of a cluster. */
  readonly worker: ClusterWorker;
  readonly #services: ReadonlySet<Member>;
  readonly #draining: ReadonlySet<Member>;
  readonly #primary: ClusterPrimary;
  readonly #threads: Threads;
  readonly #thread: Thread;
  readonly #pm2: Pm2;
  readonly #children = new Children();
  /** What a cluster's primary, the main thread or PM2 leaves to this process, in ms. */
  #granted = Number.POSITIVE_INFINITY;

  /** `draining`: those of `services` whose drain is under way. `led`: what it does when it is told to. */
  constructor(
    services: ReadonlySet<Member>,
    draining: ReadonlySet<Member>,
    led: Omit<Led, "grant">,
  ) {
    this.#services = services;
    this.#draining = draining;
    const granted: Led = { ...led, grant: (graceMs) => this.#grant(graceMs) };
    this.followers = new Followers(() => this.#graceMs());
    this.#primary = new ClusterPrimary(this.followers, () => this.#refused());
    this.#threads = new Threads(this.followers);
    this.worker = new ClusterWorker(granted);
    this.#thread = new Thread(granted, () => this.#unheard());
    this.#pm2 = new Pm2(granted);
  }

  /** What starts with the first service and is taken back with the last. */
  get #all(): { start(): void; release(): void }[] {
    return [this.#primary, this.#threads, this.worker, this.#thread, this.#pm2, this.#children];
  }

  start(): void {
    for (const each of this.#all) each.start();
  }

  release(): void {
    for (const each of this.#all) each.release();
  }

  /** A service has come; `gracePeriodMs`: as its options say. */
  limit(service: Stoppable, gracePeriodMs: number): void {
    if (this.#granted < Number.POSITIVE_INFINITY) service.grant(this.#granted);
    const { killTimeout } = this.#pm2;
    if (killTimeout >= gracePeriodMs) return;
    service.warn(
      "grace-period-cut",
      `PM2 kills after ${killTimeout} ms, so that is the budget, and not ${gracePeriodMs} ms. Give it more in its configuration: \`kill_timeout: ${gracePeriodMs}\``,
    );
  }

  #grant(graceMs: number): void {
    this.#granted = Math.min(this.#granted, graceMs);
    for (const { service } of this.#services) service.grant(this.#granted);
  }

  /** What stops with this process has to be gone when its hooks begin. */
  #graceMs(): number {
    const budgets = [...this.#services].map(({ service }) => service.budget());
    return Math.min(
      ...budgets.map(
        ({ gracePeriodMs, marginMs, closingMs }) => gracePeriodMs - marginMs - closingMs,
      ),
    );
  }

  #refused(): void {
    for (const { service } of this.#draining) {
      service.warn(
        "cluster-fork",
        "cluster.fork() was called during the drain; nothing was started",
      );
    }
  }

  #unheard(): void {
    for (const { service } of this.#services) {
      service.warn(
        "thread-unheard",
        "No signal reaches a worker thread, and the main thread has no service that tells this one to stop: call lastcall() there too",
      );
    }
  }

  /** Passes a stop on to the workers of the cluster and the worker threads, once. */
  passOn({ reason, isHurried }: Told): void {
    this.#primary.refuseForks();
    this.#threads.holdTerminations();
    this.followers.stop({ reason, isHurried });
  }

  /** A service is ready. */
  ready(): void {
    if ([...this.#services].every(({ isReady }) => isReady)) this.#pm2.ready();
  }

  /** PM2 sends SIGINT too, and to what runs in a terminal's foreground. */
  isFromTerminal({ signal, from }: Telling): boolean {
    return signal === "SIGINT" && from === "outside" && tty.isatty(0) && !this.#pm2.isThere;
  }

  /** A signal has come from outside, and may have reached more than this process. */
  watchChildren({ signal, at }: Telling): void {
    this.#children.signalled(at, (child) => {
      const message = `Child process ${child} when ${signal} came: a signal to the whole process group reaches children too. Start it with \`detached: true\`, and end it in a hook`;
      for (const { service } of this.#services) service.warn("child-died", message);
    });
  }

  /** Tells the primary or the main thread that the drain of the last service is over. */
  sayClosed(code: number, ends: boolean): void {
    this.worker.closed(outcomeOf(code), ends);
    this.#thread.closed(outcomeOf(code), ends);
  }

  /** No drain is under way, and the process goes on. */
  settle(): void {
    this.followers.settle();
    this.#primary.allowForks();
  }
}
