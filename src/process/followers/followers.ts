import { callAfter, doneBy, now } from "../../clock.js";
import type { WorkerReport } from "../../report.js";
import type { Follower } from "./follower.js";
import type { Order, ToLeader } from "./messages.js";

/**
 * How long it takes at most, in ms, until a signal to a whole process group has reached this process too: 0 to 50 ms lie
 * between the processes of a group that several senders tell.
 */
const GROUP_SPREAD = 100;

/** How long what is cut, or killed, may take to be gone, in ms. */
const LONGEST_CUT = 100;

/** The workers and threads that stop with this process. */
export class Followers {
  readonly #here = new Set<Follower>();
  readonly #told: Follower[] = [];
  readonly #graceMs: () => number;
  #order: Order | undefined;

  /** `graceMs`: how much of its own grace period the process leaves to them, in ms. */
  constructor(graceMs: () => number) {
    this.#graceMs = graceMs;
  }

  get isEmpty(): boolean {
    return this.#here.size === 0;
  }

  add(follower: Follower): void {
    this.#here.add(follower);
    void follower.gone.then(() => this.#here.delete(follower));
    if (this.#order !== undefined) this.#stop(follower, this.#order);
  }

  /** One has said something. */
  heard(follower: Follower, message: ToLeader): void {
    follower.heard(message, this.#graceMs());
    if (message.act === "leaving") callAfter(GROUP_SPREAD, () => this.#answer(follower));
  }

  /** A worker that leaves alone need not wait for balancers: they find the others at the same address. */
  #answer(leaving: Follower): void {
    if (this.#order !== undefined || !leaving.link.isOpen) return;
    if ([...this.#here].some((each) => each.replaces(leaving))) {
      leaving.link.post({ act: "siblings" });
    }
  }

  /** Tells each of them once; a later order tells only those that came since. */
  stop(order: Order): void {
    this.#order ??= order;
    for (const each of this.#here) this.#stop(each, this.#order);
  }

  #stop(follower: Follower, order: Order): void {
    if (follower.isTold) return;
    this.#told.push(follower);
    follower.stop(order);
  }

  /** Resolves when none is left. */
  async gone(): Promise<void> {
    while (this.#here.size > 0) await Promise.all([...this.#here].map(({ gone }) => gone));
  }

  /** Waits for them until `latest`; what is left then is told to cut, and killed. */
  async leave(latest: number, cutoff: AbortSignal): Promise<void> {
    const gone = this.gone();
    if (await doneBy(gone, latest, cutoff)) return;
    this.cut("SIGTERM");
    if (await doneBy(gone, now() + LONGEST_CUT)) return;
    this.kill();
    await doneBy(gone, now() + LONGEST_CUT);
  }

  /** A signal has cut this process: they go too. */
  cut(signal: NodeJS.Signals): void {
    for (const each of this.#here) each.cut(signal);
  }

  /** The time is over. */
  kill(): void {
    for (const each of this.#here) each.link.kill();
  }

  /** The process goes on: the next stop is another one. */
  settle(): void {
    this.#order = undefined;
    this.#told.length = 0;
  }

  /** Of those that this stop told. */
  report(): WorkerReport[] {
    return this.#told.map((each) => each.report());
  }
}
