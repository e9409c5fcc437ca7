import type { AttachedServer } from "./attached.js";

/**
 * The servers of a service. One whose owner closed it, or that could not listen, is let go: it stands in no
 * report and may be collected. It is taken back as soon as it listens again.
 */
export class Roster {
  readonly #current = new Set<AttachedServer>();
  readonly #letGo = new Set<WeakRef<AttachedServer>>();
  /** A server that is collected leaves nothing behind. */
  readonly #collected = new FinalizationRegistry<WeakRef<AttachedServer>>((ref) => {
    this.#letGo.delete(ref);
  });
  readonly #refs = new WeakMap<AttachedServer, WeakRef<AttachedServer>>();

  /** Those that are to be drained, in the order of their attachment. */
  get current(): ReadonlySet<AttachedServer> {
    return this.#current;
  }

  /** Whether any of them is there for its clients. */
  get isServing(): boolean {
    return [...this.#current].some(({ listener }) => listener.isServing);
  }

  /** Whether any of them is to listen and does not yet. */
  get isAwaited(): boolean {
    return [...this.#current].some(({ listener }) => listener.isAwaited);
  }

  add(server: AttachedServer): void {
    this.#forget(server);
    this.#current.add(server);
  }

  /** It serves no longer. */
  letGo(server: AttachedServer): void {
    if (!this.#current.delete(server)) return;
    const ref = new WeakRef(server);
    this.#letGo.add(ref);
    this.#refs.set(server, ref);
    this.#collected.register(server, ref, ref);
  }

  /** It is its owner's alone from here on. */
  remove(server: AttachedServer): void {
    this.#current.delete(server);
    this.#forget(server);
    server.release();
  }

  #forget(server: AttachedServer): void {
    const ref = this.#refs.get(server);
    if (ref === undefined) return;
    this.#refs.delete(server);
    this.#letGo.delete(ref);
    this.#collected.unregister(ref);
  }

  /** The drain has begun: those that were let go bind nothing any more. */
  refuse(): void {
    for (const server of this.#gone()) server.refuse();
  }

  /** Also those that were let go and may come back. */
  get all(): readonly AttachedServer[] {
    return [...this.#current, ...this.#gone()];
  }

  /** Takes everything back from all of them. */
  release(): void {
    for (const server of this.all) this.remove(server);
  }

  #gone(): AttachedServer[] {
    return [...this.#letGo].map((ref) => ref.deref()).filter((server) => server !== undefined);
  }
}
