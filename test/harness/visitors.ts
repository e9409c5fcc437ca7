import { connect, type Target } from "./wire.js";

/** What became of the visits, each on a connection of its own. */
export interface Visits {
  answered: number;
  refused: number;
}

/**
 * Visits a path again and again, each time on a new connection, `every` so many ms, as a balancer
 * without kept-alive connections does, until it is told to stop.
 */
export class Visitors {
  readonly visits: Visits = { answered: 0, refused: 0 };
  readonly #target: Target;
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;
  readonly #underway = new Set<Promise<void>>();

  constructor(target: Target, every: number, path = "/") {
    this.#target = target;
    this.#path = path;
    this.#timer = setInterval(() => this.#come(), every);
  }

  #come(): void {
    const visit = this.#visit().finally(() => this.#underway.delete(visit));
    this.#underway.add(visit);
  }

  async #visit(): Promise<void> {
    try {
      const wire = await connect(this.#target);
      await wire.get(this.#path);
      await wire.response();
      this.visits.answered++;
      wire.close();
    } catch {
      this.visits.refused++;
    }
  }

  /** Nobody comes any more; resolves when those underway have their answer. */
  async stop(): Promise<Visits> {
    clearInterval(this.#timer);
    await Promise.all(this.#underway);
    return this.visits;
  }
}
