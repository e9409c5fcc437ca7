import type { Random } from "../machine/random.js";
import type { Target } from "./protocol.js";

/** The balancer as the clients see it: where a new connection goes, if anywhere. */
export class Route {
  #targets: readonly Target[] = [];
  readonly #ports = new Set<number>();
  #onClosed: (() => void)[] = [];

  /** Whether new connections are still made. */
  get isOpen(): boolean {
    return this.#targets.length > 0;
  }

  get targets(): readonly Target[] {
    return this.#targets;
  }

  /** Every port that connections went to so far. */
  get ports(): readonly number[] {
    return [...this.#ports];
  }

  set(targets: readonly Target[]): void {
    this.#targets = targets;
    // A Unix socket takes no port.
    for (const { address } of targets) if (address.port > 0) this.#ports.add(address.port);
    if (this.isOpen) return;
    for (const tell of this.#onClosed.splice(0)) tell();
  }

  /** The balancer has noticed: no new connection goes to this generation. */
  remove(generation: number): void {
    this.set(this.#targets.filter((target) => target.generation !== generation));
  }

  pick(random: Random): Target | undefined {
    return this.#targets[Math.floor(random() * this.#targets.length)];
  }

  /** Resolves when new connections go nowhere. */
  closed(): Promise<void> {
    return this.isOpen ? new Promise((resolve) => this.#onClosed.push(resolve)) : Promise.resolve();
  }
}
