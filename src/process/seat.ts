import { Alarm, now } from "../clock.js";
import type { SignalEffect } from "../report.js";
import type { ClusterWorker } from "./followers/cluster-worker.js";
import type { Followers } from "./followers/followers.js";
import type { Relatives } from "./followers/relatives.js";
import { judgeSignal, type Telling } from "./signals/telling.js";
import type { Stoppable, Told } from "./stoppable.js";

/** What a {@link Seat} needs of its process. */
export interface SeatOwner {
  readonly relatives: Relatives;
  readonly exit: {
    drainBegan(seat: Seat): void;
    drainEnded(seat: Seat, code: number, leftMs: number): void;
    expire(seat: Seat): void;
    exitCode(seat: Seat, code: number): number | undefined;
    isLast(seat: Seat): boolean;
    update(): void;
  };
  stop(seat: Seat, told: Told): void;
  beforeClose(): void;
  leave(seat: Seat): void;
}

/** A service's place in its process. */
export class Seat {
  readonly service: Stoppable;
  readonly #process: SeatOwner;
  readonly #expiry = new Alarm(() => this.#process.exit.expire(this)).unref();
  /** The instant at which it was first told to stop. */
  #first: number | undefined;
  #isReported = false;

  constructor(process: SeatOwner, service: Stoppable) {
    this.#process = process;
    this.service = service;
  }

  /** @internal */
  isStoppedBy({ signal, from }: Telling): boolean {
    return this.service.signals.includes(signal) || from === "primary" || from === "main";
  }

  /** @internal */
  get isTold(): boolean {
    return this.#first !== undefined;
  }

  /** @internal */
  judge(telling: Telling): SignalEffect {
    const effect = judgeSignal(telling, this.#first, this.service.repeatWindow);
    this.#first ??= telling.at;
    return effect;
  }

  /** As if a signal had come. */
  stop(reason: string): void {
    this.#process.stop(this, { reason, at: now(), isHurried: false, blockedMs: 0 });
  }

  exitCode(code: number): number | undefined {
    return this.#process.exit.exitCode(this, code);
  }

  get isLast(): boolean {
    return this.#process.exit.isLast(this);
  }

  /** @internal */
  expireAt(instant: number): void {
    this.#expiry.atLatest(instant);
  }

  drainBegan(): void {
    this.#process.exit.drainBegan(this);
  }

  /** Passes the stop on to the workers of the cluster and the worker threads. */
  passOn(told: Told): void {
    this.#process.relatives.passOn(told);
  }

  get followers(): Followers {
    return this.#process.relatives.followers;
  }

  get worker(): ClusterWorker {
    return this.#process.relatives.worker;
  }

  /** `close()` of an attached server is called. */
  beforeClose(): void {
    this.#process.beforeClose();
  }

  /** Whether it has ever been ready. */
  isReady = false;

  /** It is ready for the first time. */
  ready(): void {
    this.isReady = true;
    this.#process.relatives.ready();
  }

  /** Something is known that the report should say even if nothing else can. */
  update(): void {
    this.#process.exit.update();
  }

  drainEnded(code: number, leftMs: number): void {
    this.#expiry.clear();
    this.#process.exit.drainEnded(this, code, leftMs);
  }

  /** @internal */
  get isReported(): boolean {
    return this.#isReported;
  }

  /** The drain is over, or the service is uninstalled: no trace is left on the process. */
  release(): void {
    this.#isReported = true;
    // A later signal still counts while the process is about to end.
    if (this.#first !== undefined && this.service.exits) return;
    this.#process.leave(this);
  }
}
