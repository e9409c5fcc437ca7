import cluster, { type Worker } from "node:cluster";
import type { Server } from "node:net";
import { isMainThread } from "node:worker_threads";

import { doneBy, now } from "../../clock.js";
import type { Outcome } from "../../phase.js";
import { listenerKind } from "../../server/node-internals.js";
import { COMMAND, type Envelope } from "./cluster-channel.js";
import { Leader, type Led } from "./leader.js";
import type { ToFollower, ToLeader } from "./messages.js";

/** How long a connection may take from the primary to a worker, in ms. A primary without a service does not say that none is left. */
const LONGEST_HANDOVER = 250;

/** How long a primary with a service may take to say so, in ms. */
const LONGEST_ANSWER = 2_000;

/** This process, where it is a worker of a cluster. */
export class ClusterWorker {
  readonly #led: Led;
  #leader: Leader | undefined;
  #isHandedConnections = false;
  /** Node's own `disconnect()` of this worker, as long as a drain comes before it. */
  #disconnect: (() => Worker) | undefined;
  #isToDisconnect = false;

  constructor(led: Led) {
    this.#led = led;
  }

  start(): void {
    if (!cluster.isWorker || !isMainThread || this.#leader !== undefined) return;
    // Before Node's own, which ends a process at once that was not told before.
    process.prependListener("disconnect", this.#onDisconnect);
    process.on("internalMessage", this.#onMessage);
    const { worker } = cluster;
    if (worker !== undefined) {
      this.#disconnect = worker.disconnect.bind(worker);
      worker.disconnect = this.#ownDisconnect;
    }
    this.#leader = new Leader(this.#led, "primary", (message) => {
      post({ cmd: COMMAND, lastcall: message });
    });
  }

  release(): void {
    this.#leader?.leave();
    const { worker } = cluster;
    worker?.off("error", ignore);
    // Another's wrapper around ours stays.
    if (worker?.disconnect === this.#ownDisconnect)
      delete (worker as { disconnect?: unknown }).disconnect;
    process.off("disconnect", this.#onDisconnect);
    process.off("internalMessage", this.#onMessage);
    this.#leader = undefined;
  }

  readonly #onMessage = (message: Partial<Envelope<ToFollower>>): void => {
    if (message.cmd === COMMAND && message.lastcall !== undefined) {
      this.#leader?.heard(message.lastcall);
    }
  };

  /**
   * Node's own closes the listeners at once, on balancers that still send: where all workers leave at the same time, none is
   * left to serve those. The primary is told that the worker leaves on purpose, as Node does.
   */
  readonly #ownDisconnect = (): Worker => {
    const worker = cluster.worker as Worker;
    if (this.#leader === undefined || !process.connected || this.#isToDisconnect) {
      return this.#disconnect?.() ?? worker;
    }
    this.#isToDisconnect = true;
    worker.exitedAfterDisconnect = true;
    post({ cmd: "NODE_CLUSTER", act: "exitedAfterDisconnect" });
    this.#led.stop({ reason: "disconnect", isHurried: false }, "primary");
    return worker;
  };

  readonly #onDisconnect = (): void => {
    const reason = isDisconnecting() ? "disconnect" : "the primary is gone";
    if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;
    this.#led.stop({ reason, isHurried: false }, "primary");
  };

  /**
   * A drain begins. `elsewhere` is called when no new connection needs this worker: the primary hands none over any more,
   * or others accept on the same sockets and stay. Where that is not known, it is not called.
   */
  leaving(servers: readonly Server[], elsewhere: () => void): void {
    const kinds = servers.filter(({ listening }) => listening).map(listenerKind);
    if (this.#leader === undefined || kinds.length === 0 || kinds.includes("own")) return;
    const isCutOff = !process.connected || (isDisconnecting() && !this.#isToDisconnect);
    if (isCutOff && kinds.every((kind) => kind === "round robin")) elsewhere();
    else this.#leader.leaving(elsewhere);
  }

  /** Its listeners are about to be closed. */
  closing(servers: readonly Server[]): void {
    // Node tells the primary of it, and takes it for an error of the program's when that is gone and not yet missed.
    cluster.worker?.off("error", ignore).on("error", ignore);
    const listening = servers.filter((server) => server.listening);
    this.#isHandedConnections = listening.some((server) => listenerKind(server) === "round robin");
  }

  /**
   * Its listeners are closed; resolves when no connection is on its way from the primary any more. One that arrives goes back,
   * and the primary hands it to another worker; one that does not, because the process has ended, hangs for ever.
   */
  async handedOver(): Promise<void> {
    if (!this.#isHandedConnections || this.#leader === undefined || !process.connected) return;
    const longest = this.#leader.isHeard ? LONGEST_ANSWER : LONGEST_HANDOVER;
    await doneBy(this.#leader.sync(), now() + longest);
  }

  /** The drain is over. `ends`: the process ends now. */
  closed(outcome: Outcome, ends: boolean): void {
    this.#leader?.closed(outcome, ends);
    if (this.#isToDisconnect && !ends) this.#disconnect?.();
    this.#isToDisconnect = false;
  }
}

function ignore(): void {}

/** Whether this worker was told to disconnect, by its primary or by itself. */
export function isDisconnecting(): boolean {
  return cluster.worker?.exitedAfterDisconnect === true;
}

/** To the primary: lastcall's own, or what Node itself would say. */
function post(message: Envelope<ToLeader> | { cmd: "NODE_CLUSTER"; act: string }): void {
  if (!process.connected) return;
  // Without a callback a channel that closes meanwhile is an error of the application's.
  process.send?.(message, undefined, undefined, () => {});
}
