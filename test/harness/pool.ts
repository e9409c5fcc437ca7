import http from "node:http";

import type { Target } from "./wire.js";

const LONGEST_WAIT = 15_000;

/** What became of requests, as their clients saw it. */
export interface Counts {
  answered: number;
  lost: string[];
}

/**
 * Clients that keep their connections and obey `Connection: close`, and some with a new connection for each request. Nothing is
 * sent twice.
 */
export class Pool {
  readonly counts: Counts = { answered: 0, lost: [] };
  readonly #target: Target;
  readonly #loops: Promise<void>[] = [];
  readonly #sent: Promise<void>[] = [];
  #isOpen = true;

  constructor(target: Target, { kept = 8, fresh = 4, pause = 30 } = {}) {
    this.#target = target;
    const agents = Array.from({ length: kept + fresh }, (_, n) => {
      return n < kept ? new http.Agent({ keepAlive: true, maxSockets: 1 }) : false;
    });
    for (const agent of agents) this.#loops.push(this.#loop(agent, pause));
  }

  async #loop(agent: http.Agent | false, pause: number): Promise<void> {
    while (this.#isOpen) {
      await this.ask("/", agent);
      await new Promise((resolve) => setTimeout(resolve, pause * 2 * Math.random()));
    }
    if (agent !== false) agent.destroy();
  }

  /** One request more, on a connection of its own unless there is an agent. */
  ask(path: string, agent: http.Agent | false = false): Promise<void> {
    const asked = new Promise<void>((resolve) => {
      const end = (error?: Error & { code?: string }): void => {
        if (error === undefined) this.counts.answered++;
        else this.counts.lost.push(error.code ?? error.message);
        resolve();
      };
      const request = http.get(
        { host: "127.0.0.1", port: this.#target.port, path, agent },
        (res) => {
          res.resume();
          res.on("end", () => end());
          res.on("error", end);
        },
      );
      request.on("error", end);
      // A connection that no worker has been handed hangs for ever.
      request.setTimeout(LONGEST_WAIT, () => request.destroy(new Error("hung")));
    });
    return asked;
  }

  /** So many more, all at once; they count when the pool is closed. */
  send(count: number, path: string): void {
    for (let n = 0; n < count; n++) this.#sent.push(this.ask(path));
  }

  /** Resolves once that many have been answered. */
  async answered(count: number): Promise<void> {
    while (this.counts.answered < count && this.counts.lost.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** The clients send no more; resolves when they have their answers, and not when {@link Pool.send}'s are there. */
  async rest(): Promise<void> {
    this.#isOpen = false;
    await Promise.all(this.#loops);
  }

  /** The balancer has let go: no new request; resolves when all that are under way are over. */
  async close(): Promise<Counts> {
    await this.rest();
    await Promise.all(this.#sent);
    return this.counts;
  }

  /** No new request, and no waiting. */
  stop(): void {
    this.#isOpen = false;
  }
}
