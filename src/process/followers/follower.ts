import { callAfter, msSince, now } from "../../clock.js";
import type { Outcome } from "../../phase.js";
import type { WorkerReport } from "../../report.js";
import { signalOf, type Order, type ToFollower, type ToLeader } from "./messages.js";

/**
 * How long a worker that has just been started may take until its service is there, in ms: until then a signal would end it in the
 * middle of its start.
 */
const LONGEST_BIRTH = 3_000;

/** The way to one worker or thread. */
export interface Link {
  readonly kind: WorkerReport["kind"];
  /** Node's: `worker.id` or `threadId`. */
  readonly id: number;
  readonly pid?: number | undefined;
  /** Whether its end is heard of. */
  readonly isWatched: boolean;
  /** Whether messages reach it. */
  readonly isOpen: boolean;
  /** Whether it was told to leave by another way, and does so. */
  readonly isLeaving: boolean;
  /** Whether it has only just been started, and may come to make a service yet. */
  readonly isYoung: boolean;
  /** Where it accepts connections that the operating system or the primary shares out; undefined: not known. */
  readonly addresses: ReadonlySet<string> | undefined;
  post(message: ToFollower): void;
  /** It is about to be told, and may be gone whenever the application next writes to it. */
  expectEnd(): void;
  /** For one that hears no messages. */
  signal(signal: NodeJS.Signals): void;
  kill(): void;
}

/** One worker of the cluster, or one worker thread with a service: it stops with this process, and is told once. */
export class Follower {
  readonly link: Link;
  /** Resolves when nothing of it is left. */
  readonly gone: Promise<void>;
  /** Whether a service there hears messages. */
  #hasService = false;
  #isLeaving = false;
  #order: Order | undefined;
  #told: WorkerReport["told"] | undefined;
  #toldAt = 0;
  #outcome: Outcome | null = null;
  #exit: number | NodeJS.Signals | null = null;
  #durationMs: number | undefined;
  #leave!: () => void;

  constructor(link: Link) {
    this.link = link;
    this.gone = new Promise((resolve) => {
      this.#leave = resolve;
    });
  }

  /** Whether a service there hears messages. */
  get hasService(): boolean {
    return this.#hasService;
  }

  get isTold(): boolean {
    return this.#told !== undefined;
  }

  /** Whether it accepts, and will go on doing so as far as is known, wherever `other` accepts. */
  replaces(other: Follower): boolean {
    const { addresses: mine } = this.link;
    const { addresses: theirs } = other.link;
    if (this === other || this.#isLeaving || this.link.isLeaving || !this.link.isOpen) return false;
    if (mine === undefined || theirs === undefined || theirs.size === 0) return false;
    return [...theirs].every((address) => mine.has(address));
  }

  /** It has said something. */
  heard(message: ToLeader, graceMs: number): void {
    switch (message.act) {
      case "hello":
        this.#hasService = true;
        this.link.post({ act: "welcome", graceMs });
        // It began to listen while it was sent the signal.
        if (this.#order !== undefined) this.link.post({ act: "stop", ...this.#order });
        break;
      case "leaving":
        this.#isLeaving = true;
        break;
      case "sync":
        this.link.post({ act: "synced" });
        break;
      case "closed":
        this.#outcome = message.outcome;
        if (!message.ends || !this.link.isWatched) this.#bye();
        break;
      case "bye":
        this.#bye();
        break;
    }
  }

  #bye(): void {
    this.#hasService = false;
    if (this.isTold || this.link.kind === "thread") this.left(null);
  }

  /** Once: what it is told by others besides is its own to sort out. */
  stop(order: Order): void {
    if (this.#told !== undefined) return;
    this.#order = order;
    this.#toldAt = now();
    this.link.expectEnd();
    if (this.#hasService && this.link.isOpen) {
      this.#told = "message";
      this.link.post({ act: "stop", ...order });
    } else if (this.link.isLeaving) {
      this.#told = "disconnect";
    } else if (this.link.isYoung) {
      this.#told = "message";
      callAfter(LONGEST_BIRTH, () => this.#signalUnlessHeard(order));
    } else this.#signal(order);
  }

  /** No service has come to be there that could be told in words. */
  #signalUnlessHeard(order: Order): void {
    if (!this.#hasService && this.#durationMs === undefined) this.#signal(order);
  }

  #signal(order: Order): void {
    this.#told = "signal";
    this.link.signal(signalOf(order) ?? "SIGTERM");
  }

  /** A signal has cut this process. */
  cut(signal: NodeJS.Signals): void {
    if (this.#hasService && this.link.isOpen) this.link.post({ act: "cut", signal });
    else this.link.signal(signal);
  }

  /** It has ended, or its service has and it goes on. */
  left(exit: number | NodeJS.Signals | null): void {
    this.#exit ??= exit;
    this.#durationMs ??= msSince(this.#toldAt);
    this.#leave();
  }

  report(): WorkerReport {
    const { kind, id, pid } = this.link;
    return {
      kind,
      id,
      ...(pid !== undefined && { pid }),
      told: this.#told ?? "signal",
      outcome: this.#outcome,
      exit: this.#exit,
      durationMs: this.#durationMs ?? null,
    };
  }
}
