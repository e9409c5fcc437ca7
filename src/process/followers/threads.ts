import { BroadcastChannel, isMainThread, threadId, type Worker } from "node:worker_threads";

import { callAfter } from "../../clock.js";
import { Follower, type Link } from "./follower.js";
import type { Followers } from "./followers.js";
import { Leader, type Led } from "./leader.js";
import type { ToFollower, ToLeader } from "./messages.js";

/**
 * A channel of its own: a message to `parentPort` would reach the application's listeners. Changes with what is said
 * on it.
 */
const CHANNEL = "lastcall 1";

/** How long the main thread may take to answer a thread's first word, in ms: its event loop may be busy starting. */
const LONGEST_SILENCE = 2_000;

/** The main thread's number, which is Node's. */
const MAIN = 0;

/** What stands on the channel, which all threads of the process read. */
interface Envelope<M> {
  readonly from: number;
  /** Undefined: to all. */
  readonly to: number | undefined;
  readonly message: M;
}

function open<M>(heard: (envelope: Envelope<M>) => void): BroadcastChannel {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event) => {
    const envelope = (event as { data: Envelope<M> }).data;
    if (envelope.from !== threadId && (envelope.to ?? threadId) === threadId) heard(envelope);
  };
  // It ends nothing and holds nothing open. Node's types do not know it yet.
  (channel as BroadcastChannel & { unref(): void }).unref();
  return channel;
}

/** The worker threads of this process that have a service, as the main thread knows them. */
export class Threads {
  readonly #followers: Followers;
  readonly #known = new Map<number, KnownThread>();
  /** Threads that were made since; one without a service is left alone. */
  readonly #made = new Map<number, Worker>();
  #channel: BroadcastChannel | undefined;

  constructor(followers: Followers) {
    this.#followers = followers;
  }

  start(): void {
    if (!isMainThread || this.#channel !== undefined) return;
    process.on("worker", this.#onWorker);
    this.#channel = open<ToLeader>(({ from, message }) => {
      this.#followers.heard(this.#know(from).follower, message);
    });
    this.#post(undefined, { act: "roll-call" });
  }

  release(): void {
    process.off("worker", this.#onWorker);
    this.#channel?.close();
    this.#channel = undefined;
    this.#known.clear();
    this.#made.clear();
  }

  readonly #onWorker = (worker: Worker): void => {
    const id = worker.threadId;
    this.#made.set(id, worker);
    worker.once("exit", (code) => {
      this.#made.delete(id);
      this.#known.get(id)?.follower.left(code);
    });
  };

  #post(to: number | undefined, message: ToFollower): void {
    const envelope: Envelope<ToFollower> = { from: MAIN, to, message };
    this.#channel?.postMessage(envelope);
  }

  #know(id: number): KnownThread {
    const old = this.#known.get(id);
    if (old !== undefined) return old;
    const known = new KnownThread(id, this.#made.get(id), (message) => this.#post(id, message));
    this.#known.set(id, known);
    void known.follower.gone.then(() => this.#known.delete(id));
    this.#followers.add(known.follower);
    return known;
  }

  /** During the stop `worker.terminate()` waits for the thread's drain, or it would cut its requests. */
  holdTerminations(): void {
    for (const known of this.#known.values()) known.holdTermination();
  }
}

/** One thread, as the main thread knows it. */
class KnownThread implements Link {
  readonly kind = "thread";
  readonly id: number;
  readonly follower: Follower;
  readonly isOpen = true;
  readonly isLeaving = false;
  readonly isYoung = false;
  readonly addresses = undefined;
  readonly post: (message: ToFollower) => void;
  readonly #worker: Worker | undefined;

  constructor(id: number, worker: Worker | undefined, post: (message: ToFollower) => void) {
    this.id = id;
    this.#worker = worker;
    this.post = post;
    this.follower = new Follower(this);
  }

  /** A message to a thread that is gone is no error. */
  expectEnd(): void {}

  /** None reaches a thread. */
  signal(): void {}

  /** It ends with the process. */
  kill(): void {}

  /** One that was made before the main thread listened says its last word, and ends unheard. */
  get isWatched(): boolean {
    return this.#worker !== undefined;
  }

  holdTermination(): void {
    const worker = this.#worker;
    if (worker === undefined || Object.hasOwn(worker, "terminate")) return;
    const terminate = worker.terminate.bind(worker);
    worker.terminate = async () => {
      await this.follower.gone;
      return terminate();
    };
  }
}

/** This thread, where it is not the main one: no signal reaches it, whatever it listens for. */
export class Thread {
  readonly #led: Led;
  readonly #unheard: () => void;
  #leader: Leader | undefined;
  #channel: BroadcastChannel | undefined;
  #stopWaiting: (() => void) | undefined;

  /** `unheard` is called when the main thread has no service that would tell this one to stop. */
  constructor(led: Led, unheard: () => void) {
    this.#led = led;
    this.#unheard = unheard;
  }

  start(): void {
    if (isMainThread || this.#channel !== undefined) return;
    const channel = open<ToFollower>(({ message }) => this.#leader?.heard(message));
    this.#channel = channel;
    this.#leader = new Leader(this.#led, "main", (message) => {
      const envelope: Envelope<ToLeader> = { from: threadId, to: MAIN, message };
      channel.postMessage(envelope);
    });
    this.#stopWaiting = callAfter(LONGEST_SILENCE, () => {
      if (this.#leader?.isHeard === false) this.#unheard();
    });
  }

  release(): void {
    this.#leader?.leave();
    this.#stopWaiting?.();
    this.#channel?.close();
    this.#channel = undefined;
    this.#leader = undefined;
  }

  closed(...args: Parameters<Leader["closed"]>): void {
    this.#leader?.closed(...args);
  }
}
