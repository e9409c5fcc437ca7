import type { ChildProcess } from "node:child_process";
import cluster, { Worker, type Address } from "node:cluster";
import { EventEmitter } from "node:events";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";

import { inNextCheckPhase, now } from "../../clock.js";
import { COMMAND, type Envelope } from "./cluster-channel.js";
import { Follower, type Link } from "./follower.js";
import type { Followers } from "./followers.js";
import type { ToFollower, ToLeader } from "./messages.js";

/** The methods of `node:cluster` that lastcall stands in for. */
interface ClusterMethods {
  fork: (environment?: unknown) => Worker;
  disconnect: (callback?: () => void) => void;
}

const methods = cluster as unknown as ClusterMethods;

/** Stands in for a method, for those who import it by name too. Returns what takes it back; another's wrapper around ours stays. */
function standIn<M extends keyof ClusterMethods>(name: M, own: ClusterMethods[M]): () => void {
  const before = methods[name];
  methods[name] = own;
  syncBuiltinESMExports();
  return () => {
    if (methods[name] === own) methods[name] = before;
    syncSoon();
  };
}

let isSyncDue = false;

/** Once for all that is taken back in a turn, and after the drain has resolved: it looks at every module of Node's. */
function syncSoon(): void {
  if (isSyncDue) return;
  isSyncDue = true;
  inNextCheckPhase(() => {
    isSyncDue = false;
    syncBuiltinESMExports();
  }, undefined);
}

/** The workers of this process, where it is a cluster's primary. */
export class ClusterPrimary {
  readonly #followers: Followers;
  readonly #refused: () => void;
  readonly #known = new Map<Worker, KnownWorker>();
  #takeBack: (() => void) | undefined;
  #allowForks: (() => void) | undefined;

  /** `refused` is called when the program starts a worker during the stop. */
  constructor(followers: Followers, refused: () => void) {
    this.#followers = followers;
    this.#refused = refused;
  }

  start(): void {
    // In a worker thread `node:cluster` says that it is the primary of a cluster of its own.
    if (!cluster.isPrimary || !isMainThread || this.#takeBack !== undefined) return;
    cluster.on("fork", this.#forked);
    cluster.on("listening", this.#listens);
    for (const worker of Object.values(cluster.workers ?? {})) {
      if (worker !== undefined) this.#know(worker);
    }
    const { disconnect } = methods;
    // Node's own closes the primary's sockets at once, on balancers that still send.
    const takeBack = standIn("disconnect", (callback) => {
      const gone = [...this.#known.values()].map((known) => known.disconnect());
      void Promise.all(gone).then(() => disconnect(callback));
    });
    this.#takeBack = () => {
      cluster.off("fork", this.#forked);
      cluster.off("listening", this.#listens);
      takeBack();
      for (const known of this.#known.values()) known.release();
      this.#known.clear();
    };
  }

  release(): void {
    this.allowForks();
    this.#takeBack?.();
    this.#takeBack = undefined;
  }

  /** `cluster.on("exit", () => cluster.fork())` would start, during the stop, what has just been stopped. */
  refuseForks(): void {
    if (this.#takeBack === undefined || this.#allowForks !== undefined) return;
    const { fork } = methods;
    this.#allowForks = standIn("fork", (environment) => {
      // Named imports still have it for a moment after it was taken back.
      if (this.#allowForks === undefined) return fork(environment);
      this.#refused();
      return createStillborn();
    });
  }

  allowForks(): void {
    this.#allowForks?.();
    this.#allowForks = undefined;
  }

  readonly #forked = (worker: Worker): void => {
    // All that it listens on will be heard of.
    this.#know(worker, new Set());
  };

  readonly #listens = (worker: Worker, { address, port, addressType }: Address): void => {
    this.#known.get(worker)?.addresses?.add(`${addressType} ${address} ${port}`);
  };

  /** `addresses`: undefined for one that may have listened before. */
  #know(worker: Worker, addresses?: Set<string>): void {
    if (this.#known.has(worker)) return;
    const known = new KnownWorker(worker, addresses, (message) => {
      this.#followers.heard(known.follower, message);
    });
    this.#known.set(worker, known);
    void known.follower.gone.then(() => this.#known.delete(worker));
    this.#followers.add(known.follower);
    known.post({ act: "roll-call" });
  }
}

/** How long a worker counts as one that has just been started, in ms, if it listens to nothing. */
const YOUNG = 5_000;

/** One worker, as the primary knows it. */
class KnownWorker implements Link {
  readonly kind = "process";
  readonly isWatched = true;
  readonly follower: Follower;
  readonly addresses: Set<string> | undefined;
  readonly #madeAt = now();
  readonly #worker: Worker;
  readonly #heard: (message: ToLeader) => void;

  constructor(
    worker: Worker,
    addresses: Set<string> | undefined,
    heard: (message: ToLeader) => void,
  ) {
    this.#worker = worker;
    this.addresses = addresses;
    this.#heard = heard;
    this.follower = new Follower(this);
    worker.process.on("internalMessage", this.#onMessage);
    worker.disconnect = this.#ownDisconnect;
    worker.process.once("exit", (code: number | null, signal: NodeJS.Signals | null) => {
      this.follower.left(signal ?? code);
    });
    if (worker.isDead()) this.follower.left(worker.process.signalCode ?? worker.process.exitCode);
  }

  get id(): number {
    return this.#worker.id;
  }

  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  get isOpen(): boolean {
    return this.#worker.isConnected() && !this.#worker.isDead();
  }

  get isYoung(): boolean {
    const isUnheard = this.addresses !== undefined && this.addresses.size === 0;
    return isUnheard && now() - this.#madeAt < YOUNG;
  }

  get isLeaving(): boolean {
    return this.#worker.exitedAfterDisconnect;
  }

  readonly #onMessage = (message: Partial<Envelope<ToLeader>>): void => {
    if (message.cmd === COMMAND && message.lastcall !== undefined) this.#heard(message.lastcall);
  };

  post(message: ToFollower): void {
    if (!this.isOpen) return;
    // Without a callback a channel that closes meanwhile is an error of the application's.
    this.#worker.process.send({ cmd: COMMAND, lastcall: message }, () => {});
  }

  /**
   * Node's own `disconnect()`, and a `send()` without a callback, throw where no code can catch it when the worker is gone
   * and not yet missed.
   */
  expectEnd(): void {
    this.#worker.off("error", this.#onError).on("error", this.#onError);
  }

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    const isExpected = error.code === "EPIPE" || error.code === "ERR_IPC_CHANNEL_CLOSED";
    if (!isExpected && this.#worker.listenerCount("error") === 1) throw error;
  };

  signal(signal: NodeJS.Signals): void {
    this.#worker.process.kill(signal);
  }

  kill(): void {
    this.#worker.process.kill("SIGKILL");
  }

  /**
   * Node's own takes the worker off its sockets before it is told: connections on their way to it are closed, and where it
   * is the last, so are the sockets.
   */
  readonly #ownDisconnect = (): Worker => {
    const worker = this.#worker;
    if (!this.follower.hasService) {
      Worker.prototype.disconnect.call(worker);
      return worker;
    }
    worker.exitedAfterDisconnect = true;
    this.follower.stop({ reason: "disconnect", isHurried: false });
    return worker;
  };

  /** Resolves when its channel is closed. */
  async disconnect(): Promise<void> {
    if (!this.#worker.isConnected()) return;
    const gone = new Promise((resolve) => this.#worker.process.once("disconnect", resolve));
    // Once it has sent a socket, Node's channel holds the process no longer, which may end between the worker's exit and this.
    this.#worker.process.channel?.ref();
    this.#worker.disconnect();
    await gone;
  }

  release(): void {
    const worker = this.#worker as { disconnect?: unknown };
    if (worker.disconnect === this.#ownDisconnect) delete worker.disconnect;
    this.#worker.off("error", this.#onError);
    this.#worker.process.off("internalMessage", this.#onMessage);
  }
}

/**
 * A worker that was never started and never says anything: what code is given that starts one during the stop. It has
 * all that a dead worker has, so that such code does not throw, and no event, so that it does not start the next.
 */
function createStillborn(): Worker {
  const child = Object.assign(new EventEmitter(), {
    pid: undefined,
    connected: false,
    killed: false,
    exitCode: 0,
    signalCode: null,
    stdin: null,
    stdout: null,
    stderr: null,
    stdio: [null, null, null],
    channel: null,
    kill: () => false,
    send: () => false,
    disconnect: () => {},
    ref: () => {},
    unref: () => {},
  }) as unknown as ChildProcess;
  const Constructor = Worker as unknown as new (options: object) => Worker;
  const worker = new Constructor({ id: 0, process: child, state: "dead" });
  worker.exitedAfterDisconnect = true;
  return worker;
}
