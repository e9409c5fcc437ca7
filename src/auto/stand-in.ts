import type { ChildProcess } from "node:child_process";
import cluster from "node:cluster";
import type { Server } from "node:net";

import { warnProcess } from "../process-warning.js";
import { toError } from "../errors.js";
import { theProcess } from "../process/one-process.js";
import type { Stoppable } from "../process/stoppable.js";
import { checkServer, isOwn, type AttachableServer } from "../server/attachable.js";
import { isInCare } from "../server/in-care.js";
import { assemble, type Assembled } from "../service/assemble.js";
import type { Configuration } from "./configuration.js";
import { LateListeners } from "./late-listeners.js";
import { bindsOneOf } from "./ports.js";
import type { Part } from "./part.js";

/**
 * Stands in for the service that the program does not make: one is there as long as servers are. Where the program makes
 * its own, servers that it does not attach join that, and signals are its alone.
 */
export class StandIn implements Part {
  readonly #configuration: Configuration;
  readonly #process = theProcess();
  /** Kinds of servers that were named because they cannot be attached. */
  readonly #named = new Set<string>();
  #service: Assembled | undefined;
  #isMaking = false;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
    this.#process.entered = (service) => this.#entered(service);
  }

  listens(server: Server, args: readonly unknown[]): boolean {
    if (this.#isMaking || isOwn(server) || isInCare(server as AttachableServer)) return false;
    if (bindsOneOf(this.#configuration.excludePorts, args)) return false;
    try {
      checkServer(server);
    } catch (thrown) {
      this.#name(server, thrown);
      return false;
    }
    return this.#attach(server as AttachableServer);
  }

  /** Returns whether it comes too late to be told to listen. */
  #attach(server: AttachableServer): boolean {
    const others = this.#others;
    if (others[0] !== undefined) {
      others[0].adopt(server);
      return false;
    }
    const service = this.#service ?? this.#make();
    // The process ends within a moment.
    if (service.life.phase === "closed") return false;
    service.servers.attach(server, {});
    return service.life.isStopping;
  }

  #name(server: object, thrown: unknown): void {
    const { name } = server.constructor;
    if (this.#named.has(name)) return;
    this.#named.add(name);
    warnProcess(
      "auto-unattachable",
      `A server is left alone (${name}): ${toError(thrown).message}`,
    );
  }

  /** The services that the program has made. */
  get #others(): readonly Stoppable[] {
    const own = this.#service?.stop.process.service;
    return this.#process.services.filter((service) => service !== own);
  }

  #make(): Assembled {
    const { settings, keepListeners } = this.#configuration;
    const signals = settings.signals.filter((signal) => !keepListeners.includes(signal));
    this.#isMaking = true;
    try {
      // First: Node binds a signal to the `emit` that it finds when the service begins to listen for it.
      this.#process.held.start(signals, {
        isServing: () => this.#isServing(service),
        held: (signal, listeners) => late.add(signal, listeners),
        retire: () => this.#retire(),
        isLate: () => late.hasBegun,
        concluding: () => late.conclude(),
      });
      const service = assemble(settings);
      const late = new LateListeners(service);
      service.journal.on("signal", ({ from }) => {
        if (from === "self") late.raised();
      });
      this.#service = service;
      return service;
    } catch (thrown) {
      this.#process.held.stop();
      throw thrown;
    } finally {
      this.#isMaking = false;
    }
  }

  #isServing({ life, servers, stop }: Assembled): boolean {
    return life.isStopping || servers.current.size > 0 || !stop.process.followers.isEmpty;
  }

  /** Nothing is left that a signal could stop in order; the next server begins anew. */
  #retire(): void {
    const service = this.#service;
    this.#service = undefined;
    this.#process.held.stop();
    service?.stop.release();
  }

  /** The program makes a service of its own: what it does not attach itself, within this turn, joins that. */
  #entered(other: Stoppable): void {
    const service = this.#service;
    if (this.#isMaking || service === undefined || service.life.isStopping) return;
    const servers = [...service.servers.current].map(({ server }) => server);
    this.#retire();
    queueMicrotask(() => {
      for (const server of servers) {
        if (isInCare(server)) continue;
        other.attempt("take over a server", () => other.adopt(server));
      }
    });
  }

  workerSaid(child: ChildProcess, message: unknown): void {
    if (this.#service !== undefined || this.#others.length > 0) return;
    const workers = Object.values(cluster.workers ?? {});
    if (!workers.some((worker) => worker?.process === child)) return;
    this.#make();
    // To the service that has just come to be there.
    child.emit("internalMessage", message, undefined);
  }
}
